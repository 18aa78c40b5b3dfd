//! Servers that misbehave on purpose: one that says what a test makes it say, and one between client and server that cuts.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU8, Ordering},
    },
};

use photodesk::{
    job::{Job, Waker},
    model::{Security, Server},
};

/// A listener on the loopback that ends with the test.
pub struct Stub {
    pub port: u16,
    job: Job<()>,
}

impl Stub {
    /// Calls `talk` with each connection, one after the other.
    pub fn serve(mut talk: impl FnMut(TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let job = Job::spawn("stub", Waker::none(), move |report| {
            loop {
                let (stream, _peer) = listener.accept().unwrap();
                report.go_on()?;
                talk(stream);
            }
        });
        Self { port, job }
    }

    /// Sends `answer` to whatever is asked first, and closes once the client does.
    pub fn saying(answer: Vec<u8>) -> Self {
        Self::serve(move |mut stream| {
            let mut asked = [0; 4096];
            if stream.read(&mut asked).is_ok_and(|count| count > 0) && stream.write_all(&answer).is_ok() {
                until_closed(&mut stream);
            }
        })
    }

    pub fn server(&self, security: Security) -> Server {
        Server { host: "127.0.0.1".to_owned(), port: self.port, security }
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.job.cancel();
        drop(TcpStream::connect(("127.0.0.1", self.port))); // wakes it from waiting
    }
}

/// Reads until the other side closes; gives what came.
pub fn until_closed(stream: &mut TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    let _ended = stream.read_to_end(&mut rest);
    rest
}

/// Passes everything on to a server, until a test cuts it.
pub struct Proxy {
    stub: Stub,
    open: Arc<Mutex<Vec<TcpStream>>>,
    /// The kind of answer that is not passed on (RFC 4511's application tag); 0 for none.
    swallow: Arc<AtomicU8>,
}

impl Proxy {
    pub fn to(port: u16) -> Self {
        let open = Arc::new(Mutex::new(Vec::new()));
        let swallow = Arc::new(AtomicU8::new(0));
        let (kept, mute) = (Arc::clone(&open), Arc::clone(&swallow));
        let mut passing = Vec::new();
        let stub = Stub::serve(move |client| {
            let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { return };
            let mut kept = kept.lock().unwrap();
            kept.extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
            let up = (client.try_clone().unwrap(), server.try_clone().unwrap(), Arc::default());
            for (from, to, mute) in [up, (server, client, Arc::clone(&mute))] {
                passing.push(Job::<()>::spawn("pass", Waker::none(), move |_report| {
                    pass(from, to, &mute);
                    Ok(())
                }));
            }
        });
        Self { stub, open, swallow }
    }

    pub fn port(&self) -> u16 {
        self.stub.port
    }

    /// Ends all connections that are open now; new ones are let through.
    pub fn cut(&self) {
        for stream in self.open.lock().unwrap().drain(..) {
            let _gone = stream.shutdown(Shutdown::Both);
        }
    }

    /// From now on answers of the kind `tag` are not passed on: their connection ends instead. Questions still reach the
    /// server.
    pub fn swallow(&self, tag: u8) {
        self.swallow.store(tag, Ordering::Relaxed);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, swallow: &AtomicU8) {
    let mut piece = [0; 16384];
    while let Ok(count @ 1..) = from.read(&mut piece) {
        // SEQUENCE, its length, the message's number in three bytes, then the operation.
        let kind = piece[..count].get(5).copied().unwrap_or_default();
        if kind != 0 && kind == swallow.load(Ordering::Relaxed) || to.write_all(&piece[..count]).is_err() {
            break;
        }
    }
    for stream in [from, to] {
        let _gone = stream.shutdown(Shutdown::Both);
    }
}
