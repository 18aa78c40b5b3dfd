//! A blocking connection for LDAP messages: plain or TLS, StartTLS, reading in large pieces, never waiting for longer than
//! allowed. What the bulk reader stands on, and what negotiates StartTLS for every connection.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use ldap3::asn1::{OctetString, Sequence, Tag, TagClass};
use rustls::{ClientConnection, StreamOwned};

use super::{
    LdapError, Target,
    ber::{ENUMERATED, INTEGER, Malformed, OCTETS, Reader, SEQUENCE, message, message_length},
    wait::{Interrupted, LOOK},
};
use crate::{
    model::Security,
    net::trust::{Recorder, client_config, server_name},
};

/// Bytes read at once: about a thousand people.
const PIECE: usize = 256 << 10;
/// The StartTLS operation (RFC 4511, 4.14.1).
const STARTTLS: &str = "1.3.6.1.4.1.1466.20037";
/// An extended response.
const EXTENDED_RESPONSE: u8 = 0x78;

/// An LDAP connection as a stream of messages.
pub(super) struct Wire<'a> {
    stream: Stream,
    /// Bytes read and not taken yet stand at `taken..filled`.
    buffer: Vec<u8>,
    taken: usize,
    filled: usize,
    /// The other of two buffers: one is read from while the other is filled.
    spare: Vec<u8>,
    target: &'a Target,
    cancelled: &'a AtomicBool,
}

/// Whole messages, taken out of a [`Wire`].
pub(super) struct Piece {
    bytes: Vec<u8>,
    whole: usize,
}

impl std::ops::Deref for Piece {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.whole]
    }
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

/// The components of every result (RFC 4511, 4.1.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) code: u32,
    pub(super) text: String,
    pub(super) referrals: Vec<String>,
}

impl<'a> Wire<'a> {
    /// Secures `stream` as the target says.
    pub(super) fn open(stream: TcpStream, target: &'a Target, cancelled: &'a AtomicBool) -> Result<Self, LdapError> {
        prepare(&stream).map_err(|error| target.no_runtime(&error))?;
        if target.server.security == Security::None {
            return Ok(Self::new(Stream::Plain(stream), target, cancelled));
        }
        let recorder = Recorder::default();
        let config = client_config(&target.trust, &target.server.host, &recorder)?;
        let client = ClientConnection::new(config, server_name(&target.server.host)?)
            .map_err(|error| LdapError::Tls(recorder.fault(&std::io::Error::other(error))))?;
        let starttls = target.server.security == Security::StartTls;
        let stream = if starttls { start_tls(stream, target, cancelled)? } else { stream };
        let mut tls = Box::new(StreamOwned::new(client, stream));
        let clock = Clock { target, cancelled, started: Instant::now(), limit: target.connect_timeout };
        while tls.conn.is_handshaking() {
            match tls.conn.complete_io(&mut tls.sock) {
                Ok(_progress) => {}
                Err(error) if waits(&error) => clock.check()?,
                Err(error) => return Err(LdapError::Tls(recorder.fault(&error))),
            }
        }
        Ok(Self::new(Stream::Tls(tls), target, cancelled))
    }

    fn new(stream: Stream, target: &'a Target, cancelled: &'a AtomicBool) -> Self {
        Self { stream, buffer: vec![0; PIECE], taken: 0, filled: 0, spare: Vec::new(), target, cancelled }
    }

    /// Sends `message` whole.
    pub(super) fn send(&mut self, message: &[u8]) -> Result<(), LdapError> {
        let clock = self.clock(self.target.operation_timeout);
        let stream: &mut dyn Write = match &mut self.stream {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => stream,
        };
        let mut sent = 0;
        while sent < message.len() {
            match stream.write(&message[sent..]) {
                Ok(0) => return Err(self.target.lost()),
                Ok(more) => sent += more,
                Err(error) if waits(&error) => clock.check()?,
                Err(_broken) => return Err(self.target.lost()),
            }
        }
        loop {
            match stream.flush() {
                Ok(()) => return Ok(()),
                Err(error) if waits(&error) => clock.check()?,
                Err(_broken) => return Err(self.target.lost()),
            }
        }
    }

    /// Whole messages that are there, waiting for one at least. They stay where they are until the next call.
    pub(super) fn messages(&mut self) -> Result<&[u8], LdapError> {
        self.buffer.copy_within(self.taken..self.filled, 0);
        (self.taken, self.filled) = (0, self.filled - self.taken);
        loop {
            self.read_more()?;
            let (whole, wanted) =
                whole_messages(&self.buffer[..self.filled]).map_err(|wrong| self.target.malformed(wrong))?;
            if whole > 0 {
                self.taken = whole;
                return Ok(&self.buffer[..whole]);
            }
            // Grows with what has come, not with what is announced.
            if self.filled == self.buffer.len() {
                self.buffer.resize((2 * self.filled).min(wanted.max(self.filled + PIECE)), 0);
            }
        }
    }

    /// [`Wire::messages`], taken out of the wire until they are given back.
    pub(super) fn take_messages(&mut self) -> Result<Piece, LdapError> {
        let whole = self.messages()?.len();
        let mut rest = std::mem::take(&mut self.spare);
        rest.resize(self.buffer.len().max(PIECE), 0);
        rest[..self.filled - whole].copy_from_slice(&self.buffer[whole..self.filled]);
        let bytes = std::mem::replace(&mut self.buffer, rest);
        (self.taken, self.filled) = (0, self.filled - whole);
        Ok(Piece { bytes, whole })
    }

    /// Gives the memory of `piece` back.
    pub(super) fn give_back(&mut self, piece: Piece) {
        self.spare = piece.bytes;
    }

    fn read_more(&mut self) -> Result<(), LdapError> {
        let clock = self.clock(self.target.operation_timeout);
        let free = &mut self.buffer[self.filled..];
        loop {
            clock.check()?;
            let read = match &mut self.stream {
                Stream::Plain(stream) => stream.read(free),
                Stream::Tls(stream) => stream.read(free),
            };
            match read {
                Ok(0) => return Err(self.target.lost()),
                Ok(more) => {
                    self.filled += more;
                    return Ok(());
                }
                Err(error) if waits(&error) => {}
                Err(_broken) => return Err(self.target.lost()),
            }
        }
    }

    fn clock(&self, limit: Duration) -> Clock<'a> {
        Clock { target: self.target, cancelled: self.cancelled, started: Instant::now(), limit }
    }
}

/// Asks for TLS, and gives the stream back when the server is ready for the handshake. Any byte that comes with the answer
/// was put there by somebody in between, who wants it to look as if it had come over TLS.
pub(super) fn start_tls(stream: TcpStream, target: &Target, cancelled: &AtomicBool) -> Result<TcpStream, LdapError> {
    prepare(&stream).map_err(|error| target.no_runtime(&error))?;
    let mut wire = Wire::new(Stream::Plain(stream), target, cancelled);
    let name = OctetString { id: 0, class: TagClass::Context, inner: STARTTLS.into() };
    let op = Sequence { id: 23, class: TagClass::Application, inner: vec![Tag::OctetString(name)] };
    let request = message(1, Tag::Sequence(op), None).map_err(|error| target.no_runtime(&error))?;
    wire.send(&request)?;
    let outcome = match wire.messages() {
        Ok(answer) => outcome_of(answer, 1, EXTENDED_RESPONSE).map_err(|wrong| target.malformed(wrong))?,
        Err(LdapError::Lost { .. }) => return Err(target.starttls_refused("it closes the connection")),
        Err(other) => return Err(other),
    };
    if outcome.code != 0 {
        return Err(target.starttls_refused(&outcome.text));
    }
    match wire.stream {
        Stream::Plain(stream) if wire.taken == wire.filled => Ok(stream),
        _ => Err(target.malformed(Malformed("more came with the answer to StartTLS, in clear"))),
    }
}

/// Reads the one message `bytes` as an answer of type `tag` to request `id`.
pub(super) fn outcome_of(bytes: &[u8], id: u32, tag: u8) -> Result<Outcome, Malformed> {
    let mut messages = Reader::new(bytes);
    let mut message = Reader::new(messages.expect(SEQUENCE)?);
    if messages.next()?.is_some() {
        return Err(Malformed("two answers came to one question"));
    }
    if message.number(INTEGER)? != id {
        return Err(Malformed("the answer is to another question"));
    }
    outcome(message.expect(tag)?)
}

/// The components of a result, from its content.
pub(super) fn outcome(content: &[u8]) -> Result<Outcome, Malformed> {
    let mut parts = Reader::new(content);
    let code = parts.number(ENUMERATED)?;
    parts.expect(OCTETS)?; // matchedDN
    let text = lossy(parts.expect(OCTETS)?);
    let mut referrals = Vec::new();
    while let Some((tag, content)) = parts.next()? {
        if tag == 0xa3 {
            referrals = urls(content)?;
        }
    }
    Ok(Outcome { code, text, referrals })
}

/// A list of LDAP URLs.
pub(super) fn urls(content: &[u8]) -> Result<Vec<String>, Malformed> {
    let (mut parts, mut urls) = (Reader::new(content), Vec::new());
    while let Some((OCTETS, url)) = parts.next()? {
        urls.push(lossy(url));
    }
    Ok(urls)
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// How many bytes at the start are whole messages, and how many the next one wants.
fn whole_messages(bytes: &[u8]) -> Result<(usize, usize), Malformed> {
    let mut whole = 0;
    loop {
        match message_length(&bytes[whole..])? {
            Some(length) if whole + length <= bytes.len() => whole += length,
            Some(length) => return Ok((whole, length)),
            None => return Ok((whole, 0)),
        }
    }
}

/// Blocking, but waking up often enough to notice the caller.
fn prepare(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(LOOK))?;
    stream.set_write_timeout(Some(LOOK))
}

fn waits(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

/// When a wait must end.
struct Clock<'a> {
    target: &'a Target,
    cancelled: &'a AtomicBool,
    started: Instant,
    limit: Duration,
}

impl Clock<'_> {
    fn check(&self) -> Result<(), LdapError> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(LdapError::Cancelled);
        }
        if self.started.elapsed() > self.limit {
            return Err(self.target.interrupted(Interrupted::Timeout, self.limit));
        }
        Ok(())
    }
}

impl Target {
    pub(super) fn lost(&self) -> LdapError {
        LdapError::Lost { server: self.server.clone() }
    }

    pub(super) fn malformed(&self, wrong: Malformed) -> LdapError {
        LdapError::Protocol { server: self.server.clone(), text: wrong.0.to_owned() }
    }
}
