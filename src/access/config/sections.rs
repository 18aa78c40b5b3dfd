//! Sections: `VirtualHost`, `Directory`, `Location`, `Files`, `If`, `Limit`, and the containers of `Require`.
//!
//! Not here: whether a section applies to a request ([`crate::access::walk`]).

use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::{
    Directive, Limit, METHODS,
    include::{absolute, clean},
    lines::trim,
    load::{Context, Loader, Said, made},
    read::Problem,
    words::{self, Args},
};
use crate::access::{
    core::{Branch, Section, Target},
    expr, expression, glob,
    policy::{DirConfig, Server},
    regex::{self, Regex},
    vhost::HostAddress,
};

impl Loader<'_, '_> {
    /// Takes in a section and what is in it.
    pub(super) fn section(&mut self, said: &Said<'_>, context: &Context, dir: &mut DirConfig) -> Result<(), Problem> {
        let (known, directive) = (said.known, said.directive);
        let Some(args) = said.args.raw.rfind_byte(b'>').map(|end| trim(&said.args.raw[..end])) else {
            return Err(said.fail(format!("{}> directive missing closing '>'", known.name)));
        };
        let said = &Said { args: Args { raw: args, words: &[] }, ..*said };
        match said.lower {
            "<virtualhost" => self.virtual_host(said, context),
            "<directory" | "<directorymatch" | "<location" | "<locationmatch" | "<files" | "<filesmatch" => {
                self.place_section(said, context, dir)
            }
            "<if" | "<elseif" | "<else" => self.if_section(said, context, dir),
            "<limit" | "<limitexcept" => self.limit(said, context, dir),
            "<requireall" | "<requireany" | "<requirenone" => {
                if !args.is_empty() {
                    return Err(said.fail(format!("{}> directive doesn't take additional arguments", known.name)));
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
                self.cannot_tell(directive.place, reason, context, dir);
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

    fn virtual_host(&mut self, said: &Said<'_>, context: &Context) -> Result<(), Problem> {
        let directive = said.directive;
        if context.server != 0 {
            return Err(said.fail("<VirtualHost> cannot occur within <VirtualHost> section"));
        }
        if said.args.raw.is_empty() {
            return Err(said.fail("<VirtualHost> directive requires additional arguments"));
        }
        let mut server = Server::default();
        server.core.place = Some(directive.place);
        for word in words::all(said.args.raw) {
            match HostAddress::parse(&word, None) {
                Ok(address) => server.core.addresses.push(address),
                Err(message) => return Err(said.fail(message)),
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
    fn place_section(&mut self, said: &Said<'_>, context: &Context, dir: &mut DirConfig) -> Result<(), Problem> {
        let (known, lower, directive) = (said.known, said.lower, said.directive);
        let level = self.reader.start.level;
        if said.args.raw.is_empty() {
            return Err(said.fail(format!("{}> directive requires additional arguments", known.name)));
        }
        let (mut path, mut rest) = words::next(said.args.raw);
        let mut is_regex = lower.ends_with("match");
        if path == "~" && !is_regex && !rest.is_empty() {
            is_regex = true;
            (path, rest) = words::next(rest);
        }
        let on = if is_regex {
            let regex = Regex::new(&path, regex::Options { no_case: false, ..self.regex }, level)
                .map_err(|_e| said.fail("Regex could not be compiled".to_owned()))?;
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
            return Err(said.fail(format!("Multiple {}> arguments not (yet) supported.", known.name)));
        }
        let slashes = path.find_iter(b"/").count();
        let in_directory = lower == "<directory" && !is_regex && !glob::is_pattern(&path);
        let inside = Context { path: Some(path), in_directory, section: Some(known.name), ..context.clone() };
        let mut config = DirConfig::default();
        self.all(directive.children.as_deref().unwrap_or_default(), &inside, &mut config)?;
        Self::finished(&mut config, context)?;
        let config = Arc::new(config);
        let section = Arc::new(Section { shown: shown(directive), place: directive.place, slashes, on, config });
        match lower {
            "<directory" | "<directorymatch" => self.servers[context.server].core.directories.push(section),
            "<location" | "<locationmatch" => self.servers[context.server].core.locations.push(section),
            _ => made(&mut dir.core).files.push(section),
        }
        Ok(())
    }

    fn if_section(&mut self, said: &Said<'_>, context: &Context, dir: &mut DirConfig) -> Result<(), Problem> {
        let (known, lower, directive) = (said.known, said.lower, said.directive);
        let level = self.reader.start.level;
        let condition = if lower == "<else" {
            if !said.args.raw.is_empty() {
                return Err(said.fail(format!("{}> directive doesn't take additional arguments", known.name)));
            }
            None
        } else {
            if said.args.raw.is_empty() {
                return Err(said.fail(format!("{}> directive requires additional arguments", known.name)));
            }
            let (text, rest) = words::next(said.args.raw);
            let parsed = expr::Expr::parse(&text, expression::options(&self.spot(directive, context)), level)
                .map_err(|e| said.fail(format!("Cannot parse condition clause: {e}")))?;
            if !rest.is_empty() {
                return Err(said.fail(format!("Multiple {}> arguments not supported", known.name)));
            }
            Some(parsed)
        };
        let otherwise = lower != "<if";
        if otherwise {
            let before = dir.core.as_ref().and_then(|c| c.ifs.last());
            let follows = before.is_some_and(|s| matches!(&s.on, Target::If(Branch { condition: Some(_), .. })));
            if !follows {
                return Err(said.fail(
                    "<ElseIf> or <Else> section without previous <If> or <ElseIf> section in same scope".to_owned(),
                ));
            }
        }
        let inside =
            Context { path: Some("*If".into()), in_directory: false, section: Some(known.name), ..context.clone() };
        let mut config = DirConfig::default();
        self.all(directive.children.as_deref().unwrap_or_default(), &inside, &mut config)?;
        Self::finished(&mut config, context)?;
        let slashes = 0;
        let on = Target::If(Branch { condition, otherwise });
        let config = Arc::new(config);
        let section = Section { shown: shown(directive), place: directive.place, slashes, on, config };
        made(&mut dir.core).ifs.push(Arc::new(section));
        Ok(())
    }

    /// What 2.4 finds wrong with a whole section's `Require`; `.htaccess` files are spared.
    fn finished(config: &mut DirConfig, context: &Context) -> Result<(), Problem> {
        let Some(authz) = config.authz.as_mut().filter(|_| context.htaccess.is_none()) else { return Ok(()) };
        let wrong = |message| Problem { place: None, through: Vec::new(), message, structural: false };
        Arc::make_mut(authz).finish().map_err(wrong)
    }

    fn limit(&mut self, said: &Said<'_>, context: &Context, dir: &mut DirConfig) -> Result<(), Problem> {
        let (except, name) = (said.lower == "<limitexcept", said.known.name);
        if said.args.raw.is_empty() {
            return Err(said.fail(format!("{name}> directive requires additional arguments")));
        }
        let mut methods = Vec::new();
        for word in words::all(said.args.raw) {
            if word == "TRACE" {
                return Err(said.fail("TRACE cannot be controlled by <Limit>, see TraceEnable"));
            }
            methods.push(if word == "HEAD" { "GET".into() } else { word });
        }
        let limit = Limit { except, methods, within: context.limit.clone() };
        // A method that the server does not know counts as one.
        if !METHODS.iter().chain(&["INVALID"]).any(|m| limit.covers(m.as_bytes())) {
            return Err(said.fail(format!("{name}> directive excludes all methods")));
        }
        let section = Some(said.known.name);
        let inside = Context { limit: Some(Arc::new(limit)), section, ..context.clone() };
        self.all(said.directive.children.as_deref().unwrap_or_default(), &inside, dir)
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
