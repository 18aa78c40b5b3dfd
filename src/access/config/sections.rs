//! Sections: `VirtualHost`, `Directory`, `Location`, `Files`, `If`, `Limit`, and the containers of `Require`.
//!
//! Not here: whether a section applies to a request ([`crate::access::walk`]).

use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::{
    Directive, Limit,
    include::{absolute, clean},
    known::Known,
    lines::trim,
    load::{Context, Loader, made},
    read::Problem,
    words,
};
use crate::access::{
    core::{Branch, Section, Target},
    expr, expression, glob,
    policy::{DirConfig, Server},
    regex::{self, Regex},
    vhost::HostAddress,
};

/// Sections in `.htaccess` and includes may be nested this deep.
const METHODS: &[&str] = &[
    "GET",
    "PUT",
    "POST",
    "DELETE",
    "CONNECT",
    "OPTIONS",
    "TRACE",
    "PATCH",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "VERSION-CONTROL",
    "CHECKOUT",
    "UNCHECKOUT",
    "CHECKIN",
    "UPDATE",
    "LABEL",
    "REPORT",
    "MKWORKSPACE",
    "MKACTIVITY",
    "BASELINE-CONTROL",
    "MERGE",
    "INVALID",
];

impl Loader<'_, '_> {
    /// Takes in a section and what is in it.
    pub(super) fn section(
        &mut self,
        known: &Known,
        lower: &str,
        directive: &Directive,
        raw: &BString,
        context: &Context,
        dir: &mut DirConfig,
    ) -> Result<(), Problem> {
        let fail = |message: String| Problem::at(directive.place, message);
        let Some(args) = raw.rfind_byte(b'>').map(|end| trim(&raw[..end])) else {
            return Err(fail(format!("{}> directive missing closing '>'", known.name)));
        };
        match lower {
            "<virtualhost" => self.virtual_host(directive, args, context),
            "<directory" | "<directorymatch" | "<location" | "<locationmatch" | "<files" | "<filesmatch" => {
                self.place_section(known, lower, directive, args, context, dir)
            }
            "<if" | "<elseif" | "<else" => self.if_section(known, lower, directive, args, context, dir),
            "<limit" | "<limitexcept" => self.limit(lower, directive, args, context, dir),
            "<requireall" | "<requireany" | "<requirenone" => {
                if !args.is_empty() {
                    return Err(fail(format!("{}> directive doesn't take additional arguments", known.name)));
                }
                let expanded = self.expanded(directive);
                let spot = self.spot(directive, context);
                let not_here = |inner: &Directive| Err((inner.place, format!("{} not allowed here", inner.name)));
                made(&mut dir.authz)
                    .container(&spot, &expanded, &mut { not_here })
                    .map_err(|(place, message)| Problem::at(place, message))
            }
            _ => {
                let reason = format!("{}> is not modelled", known.name);
                if context.path.is_none() {
                    self.servers[context.server].core.unknown.push((directive.place, reason));
                } else {
                    dir.unknown.push((directive.place, reason));
                }
                Ok(())
            }
        }
    }

    /// The directive with variables replaced, all the way down.
    fn expanded(&mut self, directive: &Directive) -> Directive {
        let children =
            directive.children.as_ref().map(|inner| inner.iter().map(|child| self.expanded(child)).collect());
        let mut args = self.reader.expand(&directive.args, directive.place);
        if children.is_some()
            && let Some(end) = args.rfind_byte(b'>')
        {
            args.truncate(end);
        }
        Directive { name: directive.name.clone(), args, place: directive.place, children }
    }

    fn spot<'s>(&self, directive: &Directive, context: &'s Context) -> super::Spot<'s> {
        super::Spot {
            level: self.reader.start.level,
            place: directive.place,
            path: context.path.as_ref().map(|p| p.as_bytes()),
            htaccess: context.htaccess.is_some(),
            in_directory: context.in_directory,
            limit: context.limit.as_deref(),
            regex: self.regex,
        }
    }

    fn virtual_host(&mut self, directive: &Directive, args: &BStr, context: &Context) -> Result<(), Problem> {
        let fail = |message: &str| Problem::at(directive.place, message);
        if context.server != 0 {
            return Err(fail("<VirtualHost> cannot occur within <VirtualHost> section"));
        }
        if args.is_empty() {
            return Err(fail("<VirtualHost> directive requires additional arguments"));
        }
        let mut server = Server::default();
        server.core.place = Some(directive.place);
        for word in words::all(args) {
            match HostAddress::parse(&word, None) {
                Ok(address) => server.core.addresses.push(address),
                Err(message) => return Err(fail(&message)),
            }
        }
        self.servers.push(server);
        self.defaults.push(DirConfig::default());
        let index = self.servers.len() - 1;
        let inside = Context { server: index, section: Some("<VirtualHost"), ..context.clone() };
        let mut own = DirConfig::default();
        self.all(directive.children.as_deref().unwrap_or_default(), &inside, &mut own)?;
        self.defaults[index] = own;
        Ok(())
    }

    /// `Directory`, `Location`, `Files` and their `Match`.
    fn place_section(
        &mut self,
        known: &Known,
        lower: &str,
        directive: &Directive,
        args: &BStr,
        context: &Context,
        dir: &mut DirConfig,
    ) -> Result<(), Problem> {
        let fail = |message: String| Problem::at(directive.place, message);
        let level = self.reader.start.level;
        if args.is_empty() {
            return Err(fail(format!("{}> directive requires additional arguments", known.name)));
        }
        let (mut path, mut rest) = words::next(args);
        let mut is_regex = lower.ends_with("match");
        if path == "~" && !is_regex {
            is_regex = true;
            (path, rest) = words::next(rest);
            if path.is_empty() {
                return Err(fail(format!("{} ~ > block must specify a path", known.name)));
            }
        }
        let on = if is_regex {
            let regex = Regex::new(&path, regex::Options { no_case: false, ..self.regex }, level)
                .map_err(|_e| fail("Regex could not be compiled".to_owned()))?;
            Target::Regex(regex)
        } else {
            if lower == "<directory" {
                path = directory_path(&path);
            } else if lower == "<files" && path.starts_with(b"/") {
                path = clean(&path);
            }
            let depth = if lower == "<directory" && !path.starts_with(b"/") {
                usize::MAX - 1
            } else {
                path.split(|b| *b == b'/').filter(|s| !s.is_empty()).count()
            };
            Target::Path { pattern: glob::is_pattern(&path), path: path.clone(), depth }
        };
        if !rest.is_empty() {
            return Err(fail(format!("Multiple {}> arguments not (yet) supported.", known.name)));
        }
        let in_directory = lower == "<directory" && !is_regex && !glob::is_pattern(&path);
        let section_path = if is_regex || !lower.starts_with("<directory") { path } else { path };
        let inside = Context { path: Some(section_path), in_directory, section: Some(known.name), ..context.clone() };
        let mut config = DirConfig::default();
        self.all(directive.children.as_deref().unwrap_or_default(), &inside, &mut config)?;
        self.finished(&mut config, context)?;
        let section = Section { shown: shown(directive), place: directive.place, on, config: Arc::new(config) };
        let section = Arc::new(section);
        match lower {
            "<directory" | "<directorymatch" => self.servers[context.server].core.directories.push(section),
            "<location" | "<locationmatch" => self.servers[context.server].core.locations.push(section),
            _ => made(&mut dir.core).files.push(section),
        }
        Ok(())
    }

    fn if_section(
        &mut self,
        known: &Known,
        lower: &str,
        directive: &Directive,
        args: &BStr,
        context: &Context,
        dir: &mut DirConfig,
    ) -> Result<(), Problem> {
        let fail = |message: String| Problem::at(directive.place, message);
        let level = self.reader.start.level;
        let condition = if lower == "<else" {
            if !args.is_empty() {
                return Err(fail(format!("{}> directive doesn't take additional arguments", known.name)));
            }
            None
        } else {
            if args.is_empty() {
                return Err(fail(format!("{}> directive requires additional arguments", known.name)));
            }
            let (text, rest) = words::next(args);
            if !rest.is_empty() {
                return Err(fail(format!("Multiple {}> arguments not supported", known.name)));
            }
            let parsed = expr::Expr::parse(&text, expression::options(&self.spot(directive, context)), level)
                .map_err(|e| fail(format!("Cannot parse condition clause: {e}")))?;
            Some(parsed)
        };
        let otherwise = lower != "<if";
        if otherwise {
            let before = dir.core.as_ref().and_then(|c| c.ifs.last());
            let follows = before.is_some_and(|s| matches!(&s.on, Target::If(Branch { condition: Some(_), .. })));
            if !follows {
                return Err(fail(
                    "<ElseIf> or <Else> section without previous <If> or <ElseIf> section in same scope".to_owned(),
                ));
            }
        }
        let inside =
            Context { path: Some("*If".into()), in_directory: false, section: Some(known.name), ..context.clone() };
        let mut config = DirConfig::default();
        self.all(directive.children.as_deref().unwrap_or_default(), &inside, &mut config)?;
        self.finished(&mut config, context)?;
        let on = Target::If(Branch { condition, otherwise });
        let section = Section { shown: shown(directive), place: directive.place, on, config: Arc::new(config) };
        made(&mut dir.core).ifs.push(Arc::new(section));
        Ok(())
    }

    /// What 2.4 finds wrong with a whole section's `Require`; `.htaccess` files are spared.
    fn finished(&self, config: &mut DirConfig, context: &Context) -> Result<(), Problem> {
        let Some(authz) = config.authz.as_mut().filter(|_| context.htaccess.is_none()) else { return Ok(()) };
        let wrong = |message| Problem { place: None, through: Vec::new(), message, structural: false };
        Arc::make_mut(authz).finish().map_err(wrong)
    }

    fn limit(
        &mut self,
        lower: &str,
        directive: &Directive,
        args: &BStr,
        context: &Context,
        dir: &mut DirConfig,
    ) -> Result<(), Problem> {
        let fail = |message: String| Problem::at(directive.place, message);
        let except = lower == "<limitexcept";
        if args.is_empty() {
            let name = if except { "<LimitExcept" } else { "<Limit" };
            return Err(fail(format!("{name}> directive requires additional arguments")));
        }
        let mut methods = Vec::new();
        for word in words::all(args) {
            let known = METHODS.contains(&word.to_str_lossy().as_ref());
            if word == "TRACE" {
                let name = if except { "<LimitExcept" } else { "<Limit" };
                let _ = name;
                return Err(fail("TRACE cannot be controlled by <Limit>, see TraceEnable".to_owned()));
            }
            if !known && word == "HEAD" {
                methods.push("GET".into());
                continue;
            }
            methods.push(word);
        }
        let inside = Context { limit: Some(Arc::new(Limit { except, methods })), ..context.clone() };
        self.all(directive.children.as_deref().unwrap_or_default(), &inside, dir)
    }
}

/// The path of a `Directory`: without repeated slashes and dots, with a slash at its end. Relative ones stay and never match.
fn directory_path(path: &[u8]) -> BString {
    let mut path = if path.starts_with(b"/") { absolute(b"/", path) } else { path.into() };
    if !path.ends_with(b"/") {
        path.push(b'/');
    }
    path
}

/// `<Directory /srv/www>`.
fn shown(directive: &Directive) -> BString {
    let mut shown = directive.name.clone();
    if !directive.args.starts_with(b">") {
        shown.push(b' ');
    }
    shown.extend_from_slice(&directive.args);
    shown
}
