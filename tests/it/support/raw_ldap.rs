//! A blocking LDAP client that sends whatever a test wants sent: for the demo site's own server.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

use ldap3_proto::{
    LdapCodec,
    control::LdapControl,
    proto::{
        LdapBindCred, LdapBindRequest, LdapDerefAliases, LdapFilter, LdapModify, LdapModifyRequest, LdapModifyType,
        LdapMsg, LdapOp, LdapPartialAttribute, LdapResultCode, LdapSearchRequest, LdapSearchScope,
    },
};
use tokio_util::{
    bytes::BytesMut,
    codec::{Decoder, Encoder},
};

pub const BASE: LdapSearchScope = LdapSearchScope::Base;
pub const SUBTREE: LdapSearchScope = LdapSearchScope::Subtree;

/// An entry as it came over the wire: DN, then attributes in order with their values.
pub type Entry = (String, Vec<(String, Vec<Vec<u8>>)>);

/// One connection.
pub struct Client {
    stream: TcpStream,
    codec: LdapCodec,
    received: BytesMut,
    last_id: i32,
}

impl Client {
    pub fn connect(port: u16) -> Self {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self { stream, codec: LdapCodec::new(Some(64 << 20), None), received: BytesMut::new(), last_id: 0 }
    }

    /// Sends a request and returns its number.
    pub fn send(&mut self, op: LdapOp, ctrl: Vec<LdapControl>) -> i32 {
        self.last_id += 1;
        let mut bytes = BytesMut::new();
        self.codec.encode(LdapMsg { msgid: self.last_id, op, ctrl }, &mut bytes).unwrap();
        self.stream.write_all(&bytes).unwrap();
        self.last_id
    }

    pub fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// The next message; `None` at the end of the connection.
    pub fn receive(&mut self) -> Option<LdapMsg> {
        loop {
            if let Some(message) = self.codec.decode(&mut self.received).unwrap() {
                return Some(message);
            }
            let mut chunk = [0; 16 * 1024];
            match self.stream.read(&mut chunk) {
                Ok(0) | Err(_) => return None,
                Ok(count) => self.received.extend_from_slice(&chunk[..count]),
            }
        }
    }

    /// Signs in; the result code.
    pub fn bind(&mut self, dn: &str, password: &str) -> i64 {
        let cred = LdapBindCred::Simple(password.to_owned());
        self.send(LdapOp::BindRequest(LdapBindRequest { version: 3, dn: dn.to_owned(), cred }), Vec::new());
        match self.receive().unwrap().op {
            LdapOp::BindResponse(response) => code(&response.res.code),
            other => panic!("{other:?}"),
        }
    }

    /// Modifies; the result code.
    pub fn modify(&mut self, dn: &str, changes: Vec<LdapModify>) -> i64 {
        self.send(LdapOp::ModifyRequest(LdapModifyRequest { dn: dn.to_owned(), changes }), Vec::new());
        match self.receive().unwrap().op {
            LdapOp::ModifyResponse(result) => code(&result.code),
            other => panic!("{other:?}"),
        }
    }

    pub fn start_search(&mut self, base: &str, scope: LdapSearchScope, attributes: &[&str]) -> i32 {
        self.send(search(base, scope, attributes), Vec::new())
    }

    /// All entries, page by page.
    pub fn paged(&mut self, base: &str, scope: &LdapSearchScope, attributes: &[&str], size: i64) -> Vec<Entry> {
        let (mut entries, mut cookie) = (Vec::new(), Vec::new());
        loop {
            let page = LdapControl::SimplePagedResults { size, cookie };
            self.send(search(base, scope.clone(), attributes), vec![page]);
            loop {
                let LdapMsg { op, ctrl, .. } = self.receive().unwrap();
                match op {
                    LdapOp::SearchResultEntry(entry) => {
                        let attributes = entry.attributes.into_iter().map(|it| (it.atype, it.vals)).collect();
                        entries.push((entry.dn, attributes));
                    }
                    LdapOp::SearchResultDone(result) => {
                        assert_eq!(code(&result.code), 0, "{}", result.message);
                        let Some(LdapControl::SimplePagedResults { cookie: next, .. }) = ctrl.into_iter().next() else {
                            panic!("a page without its control")
                        };
                        cookie = next;
                        break;
                    }
                    other => panic!("{other:?}"),
                }
            }
            if cookie.is_empty() {
                return entries;
            }
        }
    }

    /// One entry, by attribute name; every attribute asked for or not is there with its values.
    pub fn entry(&mut self, dn: &str, attributes: &[&str]) -> BTreeMap<String, Vec<Vec<u8>>> {
        let entries = self.paged(dn, &BASE, attributes, 10);
        entries.into_iter().next().unwrap_or_else(|| panic!("no {dn}")).1.into_iter().collect()
    }
}

pub fn search(base: &str, scope: LdapSearchScope, attributes: &[&str]) -> LdapOp {
    LdapOp::SearchRequest(LdapSearchRequest {
        base: base.to_owned(),
        scope,
        aliases: LdapDerefAliases::Never,
        sizelimit: 0,
        timelimit: 0,
        typesonly: false,
        filter: LdapFilter::Present("objectClass".to_owned()),
        attrs: attributes.iter().map(|name| (*name).to_owned()).collect(),
    })
}

/// Deletes all values.
pub fn delete(attribute: &str) -> LdapModify {
    change(LdapModifyType::Delete, attribute, &[])
}

pub fn change(operation: LdapModifyType, attribute: &str, values: &[&[u8]]) -> LdapModify {
    let vals = values.iter().map(|value| value.to_vec()).collect();
    LdapModify { operation, modification: LdapPartialAttribute { atype: attribute.to_owned(), vals } }
}

pub fn code(code: &LdapResultCode) -> i64 {
    code.clone() as i64
}
