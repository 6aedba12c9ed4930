use std::net::TcpListener;
use std::process::ExitCode;

fn main() -> std::io::Result<ExitCode> {
    let port = std::env::var("PORT").unwrap_or_else(|_| "8080".into());
    if std::env::args().nth(1).as_deref() == Some("healthy") {
        let healthy = tides::is_healthy(&format!("127.0.0.1:{port}"));
        return Ok(if healthy {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        });
    }
    let host = std::env::var("HOST").unwrap_or_else(|_| "0.0.0.0".into());
    let listener = TcpListener::bind(format!("{host}:{port}"))?;
    println!("tides on {}", listener.local_addr()?);
    tides::serve(&listener)?;
    Ok(ExitCode::SUCCESS)
}
