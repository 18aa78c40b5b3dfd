//! One connection to the demo directory: who is signed in, and an answer to each request.
//!
//! Requests are read while a search is still being answered, so that it can be abandoned. Bytes that are not LDAP end
//! the connection with a notice, and no other (RFC 4511, 4.4.1). Not here: the answers to searches (`search.rs`).

use std::{
    collections::BTreeSet,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::SinkExt;
use jiff::Timestamp;
use ldap3_proto::{
    DisconnectionNotice, LdapCodec,
    control::LdapControl,
    proto::{
        LdapBindCred, LdapBindRequest, LdapBindResponse, LdapExtendedResponse, LdapMsg, LdapOp, LdapResult,
        LdapResultCode as Code, LdapSearchRequest,
    },
};
use tokio::{
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    pin, select,
    sync::mpsc::{Receiver, Sender, channel},
    time::{Instant, sleep, timeout},
};
use tokio_util::codec::{FramedRead, FramedWrite};

use super::{
    ADMINISTRATOR, Directory, PASSWORD, PEOPLE_PASSWORD, dn,
    search::{Next, Page, Search},
    store::Refusal,
};

pub(super) const PAGED_RESULTS: &str = "1.2.840.113556.1.4.319";
pub(super) const MANAGE_DSA_IT: &str = "2.16.840.1.113730.3.4.2";
pub(super) const WHO_AM_I: &str = "1.3.6.1.4.1.4203.1.11.3";
const START_TLS: &str = "1.3.6.1.4.1.1466.20037";

/// The largest request, in bytes: a photo in a modify fits.
const LARGEST_REQUEST: usize = 1 << 20;
/// How many requests may wait on one connection before no more are read.
const WAITING_REQUESTS: usize = 16;
/// How long a client may take to read an answer.
const SLOWEST_READER: Duration = Duration::from_mins(1);

/// Searches that somebody still wants; an abandoned one is taken out.
#[derive(Clone, Default)]
struct Wanted(Arc<Mutex<BTreeSet<i32>>>);

impl Wanted {
    fn ids(&self) -> MutexGuard<'_, BTreeSet<i32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Identity {
    Anonymous,
    Person(String),
    Administrator,
}

struct Session {
    out: FramedWrite<OwnedWriteHalf, LdapCodec>,
    directory: Arc<Directory>,
    identity: Identity,
    wanted: Wanted,
}

/// Answers until the client goes, or sends what is not LDAP.
pub(super) async fn serve(stream: TcpStream, directory: Arc<Directory>) {
    let (reader, writer) = stream.into_split();
    let codec = || LdapCodec::new(Some(LARGEST_REQUEST), None);
    let wanted = Wanted::default();
    let mut session = Session {
        out: FramedWrite::new(writer, codec()),
        directory,
        identity: Identity::Anonymous,
        wanted: wanted.clone(),
    };
    let (requests, waiting) = channel(WAITING_REQUESTS);
    let broken = {
        let answering = session.answer_all(waiting);
        pin!(answering);
        select! {
            _ = &mut answering => false,
            broken = read_all(FramedRead::new(reader, codec()), requests, &wanted) => {
                answering.await.is_ok() && broken
            }
        }
    };
    if broken {
        let notice = DisconnectionNotice::gen_response(Code::ProtocolError, "this is not LDAP");
        drop(session.send([notice]).await); // the connection ends either way
    }
}

/// Reads requests until the client leaves (`false`) or sends something else (`true`).
async fn read_all(
    mut reader: FramedRead<OwnedReadHalf, LdapCodec>,
    requests: Sender<LdapMsg>,
    wanted: &Wanted,
) -> bool {
    use futures_util::StreamExt;
    while let Some(message) = reader.next().await {
        let Ok(message) = message else { return true };
        match message.op {
            LdapOp::UnbindRequest => {
                wanted.ids().clear();
                return false;
            }
            LdapOp::AbandonRequest(id) => {
                wanted.ids().remove(&id);
                continue;
            }
            LdapOp::SearchRequest(_) => {
                wanted.ids().insert(message.msgid);
            }
            _ => {}
        }
        if requests.send(message).await.is_err() {
            return false;
        }
    }
    wanted.ids().clear();
    false
}

impl Session {
    async fn answer_all(&mut self, mut requests: Receiver<LdapMsg>) -> io::Result<()> {
        while let Some(request) = requests.recv().await {
            self.answer(request).await?;
        }
        Ok(())
    }

    async fn answer(&mut self, request: LdapMsg) -> io::Result<()> {
        let LdapMsg { msgid: id, op, ctrl: controls } = request;
        if let Some(refusal) = unsupported(&controls, &op) {
            return self.send(result(&op, refusal).map(|op| message(id, op, Vec::new()))).await;
        }
        let answer = match op {
            LdapOp::SearchRequest(search) => return self.search(id, &search, &controls).await,
            LdapOp::BindRequest(bind) => self.bind(&bind),
            LdapOp::ModifyRequest(ref modify) => {
                let outcome = self.may_write().and_then(|()| {
                    let now = Timestamp::now().strftime("%Y%m%d%H%M%SZ").to_string();
                    let mut store = self.directory.store();
                    store.modify(&modify.dn, &modify.changes, ADMINISTRATOR, &now, &self.directory.pictures)
                });
                LdapOp::ModifyResponse(ended(outcome))
            }
            LdapOp::CompareRequest(ref compare) => {
                let store = self.directory.store();
                match store.compare(&compare.dn, &compare.atype, &compare.val, &self.directory.pictures) {
                    Ok(same) => LdapOp::CompareResult(code(if same { Code::CompareTrue } else { Code::CompareFalse })),
                    Err(refusal) => LdapOp::CompareResult(ended(Err(refusal))),
                }
            }
            LdapOp::ExtendedRequest(ref extended) => self.extended(&extended.name),
            ref other => {
                let refusal = self.may_write().err().unwrap_or_else(|| {
                    Refusal::new(Code::UnwillingToPerform, "the demo's entries cannot be added, removed or renamed")
                });
                match result(other, refusal) {
                    Some(answer) => answer,
                    None => return Err(io::Error::other("an answer from a client")),
                }
            }
        };
        self.send([message(id, answer, Vec::new())]).await
    }

    /// RFC 4513, 5.1.
    fn bind(&mut self, bind: &LdapBindRequest) -> LdapOp {
        let outcome = self.identify(bind);
        self.identity = outcome.as_ref().map_or(Identity::Anonymous, Clone::clone);
        LdapOp::BindResponse(LdapBindResponse { res: ended(outcome.map(|_| ())), saslcreds: None })
    }

    fn identify(&self, bind: &LdapBindRequest) -> Result<Identity, Refusal> {
        let refuse = |code, text: &str| Err(Refusal::new(code, text));
        if bind.version != 3 {
            return refuse(Code::ProtocolError, "only version 3 is spoken");
        }
        let LdapBindCred::Simple(password) = &bind.cred else {
            return refuse(Code::AuthMethodNotSupported, "only simple bind is supported");
        };
        if bind.dn.is_empty() && password.is_empty() {
            return Ok(Identity::Anonymous);
        }
        if password.is_empty() {
            return refuse(Code::UnwillingToPerform, "unauthenticated bind (DN with no password) disallowed");
        }
        let Some(key) = dn::key(&bind.dn) else {
            return refuse(Code::InvalidDNSyntax, "invalid DN");
        };
        if Some(&key) == dn::key(ADMINISTRATOR).as_ref() {
            return if password == PASSWORD {
                Ok(Identity::Administrator)
            } else {
                refuse(Code::InvalidCredentials, "")
            };
        }
        let store = self.directory.store();
        match store.find(&bind.dn) {
            Ok(place) if password == PEOPLE_PASSWORD && store.is_person(place) => {
                Ok(Identity::Person(store.entries[place].dn.clone()))
            }
            _ => refuse(Code::InvalidCredentials, ""), // who exists is not told
        }
    }

    fn may_write(&self) -> Result<(), Refusal> {
        match self.identity {
            Identity::Administrator => Ok(()),
            Identity::Anonymous | Identity::Person(_) => {
                Err(Refusal::new(Code::InsufficentAccessRights, "only the administrator may write"))
            }
        }
    }

    fn extended(&self, name: &str) -> LdapOp {
        let (res, value) = match name {
            WHO_AM_I => {
                let who = match &self.identity {
                    Identity::Anonymous => String::new(),
                    Identity::Person(dn) => format!("dn:{dn}"),
                    Identity::Administrator => format!("dn:{ADMINISTRATOR}"),
                };
                (code(Code::Success), Some(who.into_bytes()))
            }
            // The code that RFC 4511, 4.14.2 asks for.
            START_TLS => (ended(Err(Refusal::new(Code::ProtocolError, "the demo directory has no TLS"))), None),
            _ => (ended(Err(Refusal::new(Code::ProtocolError, "unsupported extended operation"))), None),
        };
        let name = (name == START_TLS).then(|| START_TLS.to_owned());
        LdapOp::ExtendedResponse(LdapExtendedResponse { res, name, value })
    }

    async fn search(&mut self, id: i32, request: &LdapSearchRequest, controls: &[LdapControl]) -> io::Result<()> {
        let outcome = self.entries(id, request, controls).await?;
        let still_wanted = self.wanted.ids().remove(&id);
        if !still_wanted {
            return Ok(()); // an abandoned operation has no answer
        }
        let paged = controls.iter().any(|control| matches!(control, LdapControl::SimplePagedResults { .. }));
        let (outcome, cookie) = match outcome {
            Ok(cookie) => (Ok(()), cookie),
            Err(refusal) => (Err(refusal), Vec::new()),
        };
        let controls = if paged { vec![LdapControl::SimplePagedResults { size: 0, cookie }] } else { Vec::new() };
        self.send([message(id, LdapOp::SearchResultDone(ended(outcome)), controls)]).await
    }

    /// Sends the entries; `Ok` holds the cookie of the next page, empty after the last.
    async fn entries(
        &mut self,
        id: i32,
        request: &LdapSearchRequest,
        controls: &[LdapControl],
    ) -> io::Result<Result<Vec<u8>, Refusal>> {
        let page = match page(controls) {
            Ok(Some(Page { size: 0, .. })) => return Ok(Ok(Vec::new())), // the client wants no more pages
            Ok(page) => page,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut search = match Search::new(&self.directory, request, page.as_ref()) {
            Ok(search) => search,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let limit = u64::try_from(request.timelimit).ok().filter(|seconds| *seconds > 0).map(Duration::from_secs);
        let deadline = limit.map(|limit| Instant::now() + limit);
        let delay = self.directory.limits.delay;
        sleep(limit.map_or(delay, |limit| limit.min(delay))).await;
        while self.wanted.ids().contains(&id) {
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Ok(Err(Refusal::new(Code::TimeLimitExceeded, "")));
            }
            let (entries, next) = search.batch(&self.directory);
            self.send(entries.into_iter().map(|entry| message(id, LdapOp::SearchResultEntry(entry), Vec::new())))
                .await?;
            match next {
                Next::GoOn => tokio::task::yield_now().await,
                Next::PageFull(cookie) => return Ok(Ok(cookie)),
                Next::Done => break,
                Next::SizeLimit => return Ok(Err(Refusal::new(Code::SizeLimitExceeded, ""))),
            }
        }
        Ok(Ok(Vec::new()))
    }

    async fn send(&mut self, messages: impl IntoIterator<Item = LdapMsg>) -> io::Result<()> {
        let sending = async {
            for message in messages {
                self.out.feed(message).await?;
            }
            self.out.flush().await
        };
        timeout(SLOWEST_READER, sending).await.unwrap_or_else(|_late| Err(io::ErrorKind::TimedOut.into()))
    }
}

fn message(msgid: i32, op: LdapOp, ctrl: Vec<LdapControl>) -> LdapMsg {
    LdapMsg { msgid, op, ctrl }
}

fn code(code: Code) -> LdapResult {
    LdapResult { code, matcheddn: String::new(), message: String::new(), referral: Vec::new() }
}

fn ended(outcome: Result<(), Refusal>) -> LdapResult {
    match outcome {
        Ok(()) => code(Code::Success),
        Err(Refusal { code, text, matched }) => {
            LdapResult { code, matcheddn: matched, message: text, referral: Vec::new() }
        }
    }
}

/// The answer to `request` that holds `refusal`; `None` when `request` is no request.
fn result(request: &LdapOp, refusal: Refusal) -> Option<LdapOp> {
    let res = ended(Err(refusal));
    Some(match request {
        LdapOp::BindRequest(_) => LdapOp::BindResponse(LdapBindResponse { res, saslcreds: None }),
        LdapOp::SearchRequest(_) => LdapOp::SearchResultDone(res),
        LdapOp::ModifyRequest(_) => LdapOp::ModifyResponse(res),
        LdapOp::AddRequest(_) => LdapOp::AddResponse(res),
        LdapOp::DelRequest(_) => LdapOp::DelResponse(res),
        LdapOp::ModifyDNRequest(_) => LdapOp::ModifyDNResponse(res),
        LdapOp::CompareRequest(_) => LdapOp::CompareResult(res),
        LdapOp::ExtendedRequest(_) => LdapOp::ExtendedResponse(LdapExtendedResponse { res, name: None, value: None }),
        _ => return None,
    })
}

/// A control that must not be ignored, and cannot be obeyed (RFC 4511, 4.1.11).
fn unsupported(controls: &[LdapControl], op: &LdapOp) -> Option<Refusal> {
    let refused = controls.iter().any(|control| match control {
        LdapControl::SimplePagedResults { .. } => !matches!(op, LdapOp::SearchRequest(_)),
        LdapControl::ManageDsaIT { .. } => false, // there are no referrals to manage
        LdapControl::SyncRequest { criticality, .. }
        | LdapControl::PasswordPolicyRequest { criticality }
        | LdapControl::SearchOptions { criticality, .. }
        | LdapControl::ShowDeleted { criticality }
        | LdapControl::SdFlags { criticality, .. }
        | LdapControl::ExtendedDn { criticality, .. }
        | LdapControl::Unknown { criticality, .. } => *criticality,
        // The protocol crate does not say whether these are critical; an unsorted answer would look like a sorted one.
        _ => true,
    });
    refused.then(|| Refusal::new(Code::UnavailableCriticalExtension, "critical extension is unavailable"))
}

fn page(controls: &[LdapControl]) -> Result<Option<Page>, Refusal> {
    let asked = controls.iter().find_map(|control| match control {
        LdapControl::SimplePagedResults { size, cookie } => Some((*size, cookie.clone())),
        _ => None,
    });
    asked
        .map(|(size, cookie)| match u32::try_from(size) {
            Ok(size) => Ok(Page { size, cookie }),
            Err(_negative) => Err(Refusal::new(Code::ProtocolError, "the page size is out of range")),
        })
        .transpose()
}
