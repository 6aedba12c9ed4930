use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

/// What the service says, on a port of its own.
fn asked(request: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || tides::serve(&listener));
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

#[test]
fn says_that_it_is_well() {
    assert!(asked("GET /health HTTP/1.1\r\nhost: tides\r\n\r\n").starts_with("HTTP/1.1 200 OK"));
}

#[test]
fn says_when_high_water_is_next() {
    assert!(asked("GET /next-high-water/18:00 HTTP/1.1\r\n\r\n").ends_with("\r\n\r\n06:25\n"));
}

#[test]
fn refuses_what_is_no_time() {
    assert_eq!(tides::next_high_water("25:00"), None);
    assert!(asked("GET /next-high-water/noon HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400"));
}

#[test]
fn refuses_what_is_no_http() {
    assert!(asked("\0\r\n\r\n").starts_with("HTTP/1.1 400"));
}
