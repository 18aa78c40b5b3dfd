//! One request through all phases, in the server's order.
//!
//! Not here: what a module does in its phase (one file a module).

use std::net::IpAddr;

use bstr::{BString, ByteSlice};

use super::{
    policy::Policy,
    record::Record,
    regex::Captures,
    request::{Request, World},
    trace::Tracer,
    unknown::Unknown,
};

/// What every phase may use.
pub struct Run<'p> {
    /// The configuration.
    pub policy: &'p Policy,
    /// The world around it.
    pub world: &'p World,
    /// What came over the wire.
    pub request: &'p Request,
    /// Takes the steps.
    pub trace: Tracer,
    /// Captures of the last match, kept here so that matching allocates nothing.
    pub captures: Captures,
}

impl Run<'_> {
    /// A subrequest for a path (`ap_sub_req_method_uri`): all phases but the handler; the record says status and file.
    /// `path` may be relative to the request's own.
    pub fn look_up_uri(&mut self, _of: &Record, _path: &[u8]) -> Result<Record, Unknown> {
        Err(Unknown::because("subrequests are not there yet"))
    }

    /// A subrequest for a file (`ap_sub_req_lookup_file`).
    pub fn look_up_file(&mut self, _of: &Record, _file: &[u8]) -> Result<Record, Unknown> {
        Err(Unknown::because("subrequests are not there yet"))
    }

    /// The name of an address, as a name look-up would give it; none when it has none.
    ///
    /// # Errors
    /// When names are not simulated.
    pub fn name_of(&self, address: IpAddr) -> Result<Option<&str>, Unknown> {
        let names = self.world.names.as_ref().ok_or_else(|| Unknown::because("names are not looked up here"))?;
        Ok(names.of.get(&address.to_canonical()).map(String::as_str))
    }

    /// `host` and `port` of the server as it names itself in redirects (`ap_get_server_name`, `UseCanonicalName`).
    pub fn server_name(&self, record: &Record) -> BString {
        self.policy.server_name(record.server)
    }

    /// The port in redirects (`ap_get_server_port`).
    pub fn server_port(&self, _record: &Record) -> u16 {
        self.request.port
    }

    /// `path` as an absolute address of this server (`ap_construct_url`).
    pub fn absolute(&self, record: &Record, path: &[u8]) -> BString {
        let (scheme, default) = if self.request.tls { ("https", 443) } else { ("http", 80) };
        let (name, port) = (self.server_name(record), self.server_port(record));
        let name = if name.contains(&b':') && !name.starts_with(b"[") { format!("[{name}]").into() } else { name };
        let mut url = BString::from(format!("{scheme}://"));
        url.extend_from_slice(&name);
        if port != default {
            url.extend_from_slice(format!(":{port}").as_bytes());
        }
        url.extend_from_slice(path);
        url
    }

    /// A variable of the environment of the server's process.
    pub fn process_env(&self, name: &[u8]) -> Option<&[u8]> {
        self.world.process_env.iter().find(|(n, _)| n.as_slice() == name).map(|(_, v)| v.as_bytes())
    }
}
