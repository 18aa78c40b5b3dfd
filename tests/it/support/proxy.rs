//! A line to a directory that can be cut right before or right after a change is made.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use photodesk::job::{Job, Waker};

/// When the line is cut, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Cut {
    /// Never.
    Never = 0,
    /// The request to modify does not reach the directory.
    BeforeTheRequest = 1,
    /// The request reaches the directory, its answer does not reach us.
    BeforeTheAnswer = 2,
    /// The same, and nobody can connect afterwards.
    BeforeTheAnswerForGood = 3,
}

/// The line.
pub struct Proxy {
    pub port: u16,
    cut: Arc<AtomicU8>,
    _accepting: Job<()>,
}

impl Proxy {
    /// A line to the directory on `port` of the loopback.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = listener.local_addr().unwrap().port();
        let cut = Arc::new(AtomicU8::new(Cut::Never as u8));
        let armed = Arc::clone(&cut);
        let accepting = Job::spawn("line", Waker::none(), move |_report| {
            let mut lines = Vec::new();
            for client in listener.incoming() {
                let client = client.unwrap();
                if armed.load(Ordering::SeqCst) == u8::MAX {
                    break; // for good: the listener goes, and later connections are refused
                }
                let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
                lines.extend(connect(&client, &server, &armed, own));
            }
            Ok(())
        });
        Self { port: own, cut, _accepting: accepting }
    }

    /// Cuts the line at the next change.
    pub fn cut(&self, when: Cut) {
        self.cut.store(when as u8, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    /// Ends the listener; the connections end with their own ends.
    fn drop(&mut self) {
        self.cut.store(u8::MAX, Ordering::SeqCst);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

fn connect(client: &TcpStream, server: &TcpStream, armed: &Arc<AtomicU8>, own: u16) -> [Job<()>; 2] {
    let ends = || (client.try_clone().unwrap(), server.try_clone().unwrap());
    let swallow = Arc::new(AtomicU8::new(0));
    let (mut from, mut to) = ends();
    let (armed, told) = (Arc::clone(armed), Arc::clone(&swallow));
    let there = Job::spawn("there", Waker::none(), move |_report| {
        pump(&mut from, &mut to, |bytes| {
            if !is_modify(bytes) {
                return true;
            }
            let when = armed.swap(0, Ordering::SeqCst);
            told.store(u8::from(when >= Cut::BeforeTheAnswer as u8), Ordering::SeqCst);
            if when == Cut::BeforeTheAnswerForGood as u8 {
                armed.store(u8::MAX, Ordering::SeqCst);
                drop(TcpStream::connect(("127.0.0.1", own))); // wakes the listener, which then goes
            }
            when != Cut::BeforeTheRequest as u8
        });
        Ok(())
    });
    let (mut to, mut from) = ends();
    let back = Job::spawn("back", Waker::none(), move |_report| {
        pump(&mut from, &mut to, |_bytes| swallow.load(Ordering::SeqCst) == 0);
        Ok(())
    });
    [there, back]
}

/// Carries bytes until one end closes or `may_pass` says no; then closes both.
fn pump(from: &mut TcpStream, to: &mut TcpStream, mut may_pass: impl FnMut(&[u8]) -> bool) {
    let mut bytes = vec![0; 64 << 10];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        if !may_pass(&bytes[..read]) || to.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    for end in [from, to] {
        end.shutdown(Shutdown::Both).unwrap_or_default();
    }
}

/// A message whose operation is modifyRequest (RFC 4511, 4.6: application tag 6).
fn is_modify(bytes: &[u8]) -> bool {
    let length = match bytes.get(1) {
        Some(long) if *long >= 0x80 => usize::from(long & 0x7f),
        _ => 0,
    };
    // The message's id: an integer after the header of the sequence.
    let id = 2 + length;
    let Some(id_length) = bytes.get(id + 1) else { return false };
    bytes.get(id + 2 + usize::from(*id_length)) == Some(&0x66)
}
