//! When it is high water, over HTTP.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// Between two high waters.
const TIDE_MINUTES: u32 = 745;
const DAY_MINUTES: u32 = 24 * 60;
const LONGEST_HEAD_BYTES: u64 = 16 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);

/// A status and a body.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

/// What is answered to a request for this path.
pub fn answer(method: &str, path: &str) -> Answer {
    match (method, path) {
        ("GET", "/health") => ok("ok"),
        ("GET", path) => match path.strip_prefix("/next-high-water/").map(next_high_water) {
            Some(Some(time)) => ok(&time),
            Some(None) => status(400, "a time looks like 06:30"),
            None => status(404, "there is nothing here"),
        },
        _ => status(405, "only GET"),
    }
}

/// The high water after the one at this time of day: `06:30` and `18:55`; nothing for what is no time.
pub fn next_high_water(after: &str) -> Option<String> {
    let (hours, minutes) = after.split_once(':')?;
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    if hours >= 24 || minutes >= 60 {
        return None;
    }
    let next = (hours * 60 + minutes + TIDE_MINUTES) % DAY_MINUTES;
    Some(format!("{:02}:{:02}", next / 60, next % 60))
}

/// Answers whoever connects, each in a thread of its own, until the listener fails.
pub fn serve(listener: &TcpListener) -> std::io::Result<()> {
    for stream in listener.incoming() {
        let stream = stream?;
        thread::spawn(move || {
            if let Err(error) = talk(&stream) {
                eprintln!("a visitor was lost: {error}");
            }
        });
    }
    Ok(())
}

/// Whether the service at this address answers that it is.
pub fn is_healthy(address: &str) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"GET /health HTTP/1.1\r\nhost: tides\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "))
}

fn talk(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let head = read_head(stream)?;
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    let parsed = request.parse(&head);
    let Answer { status, body } = match (parsed, request.method, request.path) {
        (Ok(_), Some(method), Some(path)) => answer(method, path),
        _ => self::status(400, "this is not HTTP"),
    };
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status} {}\r\ncontent-type: text/plain\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        if status == 200 { "OK" } else { "Refused" },
        body.len(),
    )
}

/// Up to the empty line; no request here has a body.
fn read_head(stream: &TcpStream) -> std::io::Result<Vec<u8>> {
    let mut reader = BufReader::new(stream.take(LONGEST_HEAD_BYTES));
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if reader.read_until(b'\n', &mut head)? == 0 {
            return Err(Error::new(
                ErrorKind::UnexpectedEof,
                "no end of the request",
            ));
        }
    }
    Ok(head)
}

fn ok(body: &str) -> Answer {
    status(200, body)
}

fn status(status: u16, body: &str) -> Answer {
    Answer {
        status,
        body: format!("{body}\n"),
    }
}
