//! What core, `mod_dir`, `mod_mime` and `mod_proxy` keep, as far as it decides an answer: roots, Options, overrides, error documents.
//!
//! Not here: reading it ([`super::config::load`]) and using it ([`super::run`]).

use std::{collections::BTreeMap, sync::Arc};

use bstr::BString;

use super::{expr::Expr, level::Level, policy::DirConfig, regex::Regex, source::Place, vhost::HostAddress};

/// Of a server. What a virtual host does not say, the main server's value stands for.
#[derive(Clone, Debug, Default)]
pub struct Server {
    /// Where its `VirtualHost` begins; none for the main server.
    pub place: Option<Place>,
    /// The addresses of its `VirtualHost`.
    pub addresses: Vec<HostAddress>,
    /// `ServerName`, without scheme and port.
    pub name: Option<BString>,
    /// The scheme of `ServerName`.
    pub scheme: Option<BString>,
    /// The port of `ServerName`.
    pub port: Option<u16>,
    /// `ServerAlias`, those with a wildcard too.
    pub aliases: Vec<BString>,
    /// `ServerPath`.
    pub path: Option<BString>,
    /// `DocumentRoot`, absolute, without a slash at its end; empty as long as it was not said.
    pub document_root: BString,
    /// Its line.
    pub document_root_place: Option<Place>,
    /// `ServerAdmin`; empty when it was not said.
    pub admin: BString,
    /// `AccessFileName`.
    pub access_names: Option<Vec<BString>>,
    /// `Directory` and `DirectoryMatch`: by depth, then the regular expressions.
    pub directories: Vec<Arc<Section>>,
    /// `Location` and `LocationMatch`, in order.
    pub locations: Vec<Arc<Section>>,
    /// `LimitInternalRecursion`, its first number.
    pub redirect_limit: Option<usize>,
    /// `LimitRequestLine`.
    pub limit_line: Option<usize>,
    /// `LimitRequestFieldSize`.
    pub limit_field: Option<usize>,
    /// `LimitRequestFields`.
    pub limit_fields: Option<usize>,
    /// `MergeSlashes`.
    pub merge_slashes: Option<bool>,
    /// `TraceEnable`.
    pub trace: Option<bool>,
    /// `HttpProtocolOptions Unsafe`.
    pub unsafe_protocol: Option<bool>,
    /// `StrictHostCheck`.
    pub strict_host: Option<bool>,
    /// `SSLEngine`, `SSLEnable`.
    pub tls: Option<bool>,
    /// `ProxyPass`, by place and path; true means it is excluded (`!`).
    pub proxied: Vec<(Place, BString, bool)>,
    /// Directives that are not modelled and could matter to every request of this server.
    pub unknown: Vec<(Place, String)>,
}

impl Server {
    /// A virtual host on top of the main server.
    pub fn merge(&self, host: &Self) -> Self {
        Self {
            place: host.place,
            addresses: host.addresses.clone(),
            name: host.name.clone().or_else(|| self.name.clone()),
            scheme: host.scheme.clone().or_else(|| self.scheme.clone()),
            port: host.port.or(if host.name.is_some() { None } else { self.port }),
            aliases: host.aliases.clone(),
            path: host.path.clone(),
            document_root: either(&host.document_root, &self.document_root),
            document_root_place: host.document_root_place.or(self.document_root_place),
            admin: either(&host.admin, &self.admin),
            access_names: host.access_names.clone().or_else(|| self.access_names.clone()),
            directories: self.directories.iter().chain(&host.directories).cloned().collect(),
            locations: self.locations.iter().chain(&host.locations).cloned().collect(),
            redirect_limit: host.redirect_limit.or(self.redirect_limit),
            limit_line: host.limit_line.or(self.limit_line),
            limit_field: host.limit_field.or(self.limit_field),
            limit_fields: host.limit_fields.or(self.limit_fields),
            merge_slashes: host.merge_slashes.or(self.merge_slashes),
            trace: host.trace.or(self.trace),
            unsafe_protocol: host.unsafe_protocol.or(self.unsafe_protocol),
            strict_host: host.strict_host.or(self.strict_host),
            tls: host.tls.or(self.tls),
            proxied: host.proxied.iter().chain(&self.proxied).cloned().collect(),
            unknown: self.unknown.iter().chain(&host.unknown).cloned().collect(),
        }
    }

    /// Puts `directories` in the order in which the walk meets them: by number of segments; then regular expressions, by the
    /// number of slashes in them.
    pub fn sort_directories(&mut self) {
        self.directories.sort_by_key(|s| match &s.on {
            Target::Path { depth, .. } => (false, *depth),
            Target::Regex(_) | Target::If(_) => (true, s.slashes),
        });
    }
}

/// The first, unless it is empty.
fn either(first: &BString, second: &BString) -> BString {
    if first.is_empty() { second.clone() } else { first.clone() }
}

/// A `Directory`, `Location`, `Files` or `If` with its directives.
#[derive(Debug)]
pub struct Section {
    /// Its name as written with its arguments, `<Directory /srv/www>`.
    pub shown: BString,
    /// Its line.
    pub place: Place,
    /// How many slashes its argument has.
    pub slashes: usize,
    /// What it is compared with.
    pub on: Target,
    /// What it says.
    pub config: Arc<DirConfig>,
}

/// What a section is compared with.
#[derive(Debug)]
pub enum Target {
    /// A path, or a shell pattern of one.
    Path {
        /// As compared: of a `Directory` absolute and with a slash at its end.
        path: BString,
        /// Whether it has wildcards.
        pattern: bool,
        /// How many segments it has; relative paths, which never match, come last.
        depth: usize,
    },
    /// A regular expression.
    Regex(Regex),
    /// An expression.
    If(Branch),
}

/// `If`, `ElseIf` or `Else`.
#[derive(Debug)]
pub struct Branch {
    /// Its condition; none for `Else`.
    pub condition: Option<Expr>,
    /// Whether it is looked at only when the ones before it did not hold.
    pub otherwise: bool,
}

/// What is sent in place of the server's own error page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorDocument {
    /// A path of this server: an internal redirect.
    Local(BString),
    /// An address elsewhere: a 302.
    Remote(BString),
    /// A text.
    Text(BString),
    /// The server's own (`default`).
    Default,
}

/// Of a section.
#[derive(Clone, Debug, Default)]
pub struct Dir {
    /// `Options` without signs.
    pub options: Option<u16>,
    /// `Options +…`.
    pub options_add: u16,
    /// `Options -…`.
    pub options_remove: u16,
    /// `AllowOverride`: bits of [`super::config::known::overrides`].
    pub overrides: Option<u16>,
    /// Options that `.htaccess` may set (`AllowOverride Options=…`).
    pub override_options: Option<u16>,
    /// `AllowOverrideList`, lower case.
    pub override_list: Option<Vec<String>>,
    /// `AllowOverride Nonfatal=…`: these do not end in 500.
    pub nonfatal: Option<u16>,
    /// `Nonfatal=Unknown`, `Nonfatal=All`: nor do unknown ones.
    pub nonfatal_unknown: Option<bool>,
    /// `ErrorDocument`, by status, with its line.
    pub error_documents: BTreeMap<u16, (Place, ErrorDocument)>,
    /// `SetHandler`: its line and name; `None` sets it back.
    pub handler: Option<(Place, Option<BString>)>,
    /// `AddHandler`: by extension in lower case.
    pub handlers: BTreeMap<BString, (Place, Option<BString>)>,
    /// `AcceptPathInfo`; the inner none is `Default`.
    pub accept_path_info: Option<Option<bool>>,
    /// `HostnameLookups`: whether, and whether twice.
    pub look_up_names: Option<bool>,
    /// `UseCanonicalName`: `b'n'` on, `b'f'` off, `b'd'` DNS.
    pub canonical_name: Option<u8>,
    /// `UseCanonicalPhysicalPort`.
    pub physical_port: Option<bool>,
    /// `AllowEncodedSlashes`: whether, and whether they are decoded.
    pub encoded_slashes: Option<(bool, bool)>,
    /// `DirectoryIndex`.
    pub indexes: Option<Vec<BString>>,
    /// `DirectorySlash`.
    pub slash: Option<bool>,
    /// `FallbackResource`; the inner none is `disabled`.
    pub fallback: Option<Option<(Place, BString)>>,
    /// `DirectoryCheckHandler`.
    pub check_handler: Option<bool>,
    /// `DirectoryIndexRedirect`: the status.
    pub index_redirect: Option<Option<u16>>,
    /// `SSLRequireSSL`.
    pub require_tls: Option<Place>,
    /// `QualifyRedirectURL`.
    pub qualify_redirect: Option<bool>,
    /// `Files` and `FilesMatch` inside, in order.
    pub files: Vec<Arc<Section>>,
    /// `If`, `ElseIf`, `Else` inside, in order.
    pub ifs: Vec<Arc<Section>>,
}

/// Bits of `Options`.
pub mod options {
    /// `Indexes`.
    pub const INDEXES: u16 = 1;
    /// `Includes`.
    pub const INCLUDES: u16 = 2;
    /// `FollowSymLinks`.
    pub const FOLLOW_SYM_LINKS: u16 = 4;
    /// `ExecCGI`.
    pub const EXEC_CGI: u16 = 8;
    /// `IncludesNOEXEC`: without commands.
    pub const INCLUDES_NO_EXEC: u16 = 16;
    /// `SymLinksIfOwnerMatch`.
    pub const SYM_LINKS_IF_OWNER: u16 = 32;
    /// `MultiViews`.
    pub const MULTI_VIEWS: u16 = 64;
    /// `All`: everything but `MultiViews`.
    pub const ALL: u16 = INDEXES | INCLUDES | FOLLOW_SYM_LINKS | EXEC_CGI;
}

/// `Options` as they were said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignedOptions {
    /// Those without signs.
    pub set: Option<u16>,
    /// Those with a plus.
    pub add: u16,
    /// Those with a minus.
    pub remove: u16,
}

impl SignedOptions {
    /// What they come to, with the branch's default where nothing was said.
    pub fn effective(self, level: Level) -> u16 {
        let default = if level.is_24() { options::FOLLOW_SYM_LINKS } else { options::ALL };
        self.set.unwrap_or((default & !self.remove) | self.add)
    }

    /// `inner` on top of these.
    pub fn merge(self, inner: Self) -> Self {
        match (inner.set, self.set) {
            (Some(_), _) => inner,
            (None, Some(set)) => Self { set: Some((set & !inner.remove) | inner.add), add: 0, remove: 0 },
            (None, None) => Self {
                set: None,
                add: (self.add & !inner.remove) | inner.add,
                remove: (self.remove & !inner.add) | inner.remove,
            },
        }
    }
}

impl Dir {
    /// What `Options` come to, with the branch's default where nothing was said.
    pub fn effective_options(&self, level: Level) -> u16 {
        self.signed_options().effective(level)
    }

    /// What it says about `Options` alone.
    pub fn signed_options(&self) -> SignedOptions {
        SignedOptions { set: self.options, add: self.options_add, remove: self.options_remove }
    }

    /// `inner` on top of this (`merge_core_dir_configs`).
    pub fn merge(&self, inner: &Self, _level: Level) -> Self {
        let options = self.signed_options().merge(inner.signed_options());
        let mut error_documents = self.error_documents.clone();
        error_documents.extend(inner.error_documents.clone());
        let mut handlers = self.handlers.clone();
        handlers.extend(inner.handlers.clone());
        Self {
            options: options.set,
            options_add: options.add,
            options_remove: options.remove,
            overrides: inner.overrides.or(self.overrides),
            override_options: inner.override_options.or(self.override_options),
            override_list: inner.override_list.clone().or_else(|| self.override_list.clone()),
            nonfatal: inner.nonfatal.or(self.nonfatal),
            nonfatal_unknown: inner.nonfatal_unknown.or(self.nonfatal_unknown),
            error_documents,
            handler: inner.handler.clone().or_else(|| self.handler.clone()),
            handlers,
            accept_path_info: inner.accept_path_info.or(self.accept_path_info),
            look_up_names: inner.look_up_names.or(self.look_up_names),
            canonical_name: inner.canonical_name.or(self.canonical_name),
            physical_port: inner.physical_port.or(self.physical_port),
            encoded_slashes: inner.encoded_slashes.or(self.encoded_slashes),
            indexes: inner.indexes.clone().or_else(|| self.indexes.clone()),
            slash: inner.slash.or(self.slash),
            fallback: inner.fallback.clone().or_else(|| self.fallback.clone()),
            check_handler: inner.check_handler.or(self.check_handler),
            index_redirect: inner.index_redirect.or(self.index_redirect),
            require_tls: inner.require_tls.or(self.require_tls),
            qualify_redirect: inner.qualify_redirect.or(self.qualify_redirect),
            files: self.files.iter().chain(&inner.files).cloned().collect(),
            ifs: self.ifs.iter().chain(&inner.ifs).cloned().collect(),
        }
    }
}
