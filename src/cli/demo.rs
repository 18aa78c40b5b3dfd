//! `photodesk demo`: the demo site for other programs, until standard input ends.

use std::{fs, io, path::Path};

use super::{
    Exit,
    out::{Fail, Out},
};
use crate::{
    demo::Demo,
    model::{Credentials, Problem},
    sites::store::text_of,
};

pub(super) fn run(write_site: Option<&Path>, out: &mut Out) -> Result<Exit, Fail> {
    let demo = Demo::start()?;
    let site = demo.site();
    if let Some(path) = write_site {
        fs::write(path, text_of(&site, None)).map_err(|error| {
            Problem::new(format!("{} cannot be written", path.display())).details(error.to_string())
        })?;
    }
    out.line(&format!("Directory: {}", site.directory.server.url()))?;
    out.line(&format!("Base: {}", site.directory.base.clone().unwrap_or_default()))?;
    if let Credentials::Simple { name, password } = demo.credentials() {
        // Public: the same on every computer, and of no use elsewhere.
        out.line(&format!("Sign-in: {name}\nPassword: {}", password.expose()))?;
    }
    out.line(&format!("Photos: http://127.0.0.1:{}/", demo.web_port()))?;
    out.note("Serving until standard input ends (Ctrl+D).")?;
    out.flush()?;
    io::copy(&mut io::stdin().lock(), &mut io::sink())?;
    Ok(Exit::Done)
}
