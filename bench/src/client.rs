//! A client that costs next to nothing: requests are ready-made strings, of answers only status, length and what is looked for is read.

use std::net::SocketAddr;

use anyhow::{Context as _, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// One connection that is kept.
#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
    request: String,
    answer: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, request: String::new(), answer: Vec::with_capacity(64 * 1024) })
    }

    /// Calls an operation; anything but 200 is an error.
    pub(crate) async fn call(&mut self, operation: &str, token: &str, input: &str) -> anyhow::Result<&str> {
        use std::fmt::Write as _;
        self.request.clear();
        write!(
            self.request,
            "POST /api/v1/{operation} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{input}",
            input.len()
        )?;
        self.stream.write_all(self.request.as_bytes()).await?;
        self.answer.clear();
        let body = loop {
            ensure!(self.stream.read_buf(&mut self.answer).await? > 0, "the server closed the connection");
            if let Some(end) = head_end(&self.answer) {
                break end;
            }
        };
        let (head, _) = self.answer.split_at(body);
        let head = std::str::from_utf8(head)?;
        let ok = head.starts_with("HTTP/1.1 200");
        let length = content_length(head).context("an answer without its length")?;
        while self.answer.len() < body + length {
            ensure!(self.stream.read_buf(&mut self.answer).await? > 0, "the server closed the connection");
        }
        let answer = self.answer.get(body..).unwrap_or_default();
        let answer = std::str::from_utf8(answer)?;
        if !ok {
            bail!("{operation}: {answer}");
        }
        Ok(answer)
    }
}

fn head_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|place| place + 4)
}

fn content_length(head: &str) -> Option<usize> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
}

/// What stands between the first occurrence of a text and the next quotation mark.
pub(crate) fn after<'t>(answer: &'t str, text: &str) -> Option<&'t str> {
    answer.split_once(text)?.1.split_once('"').map(|(found, _)| found)
}
