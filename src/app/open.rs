//! The site that is worked with: its people, its lock, and the demo servers behind it.

use std::{path::PathBuf, sync::Arc};

use super::{Places, Settings};
use crate::{
    activity,
    demo::Demo,
    job::Waker,
    model::{Site, Unlocked},
    net::ldap::{Session, Target},
    people::{self, Command, set_url::Tools},
    sites::Opened,
};

/// An open site.
pub struct OpenSite {
    /// Its file; `None` for the demo site.
    pub path: Option<PathBuf>,
    /// `None` while it is locked.
    pub unlocked: Option<Arc<Unlocked>>,
    /// Its people.
    pub people: people::State,
    /// The servers, when it is the demo site. Dropped last, after what asks them.
    pub demo: Option<Demo>,
}

impl OpenSite {
    /// The demo site.
    pub fn demo(demo: Demo, places: &Places, waker: &Waker) -> Self {
        let site = demo.site();
        let session = Session::new(Target::of(&site.directory), demo.credentials());
        // Its web server is on another port each time, and its photos are quickly fetched: nothing to keep.
        let cache = Arc::new(crate::photo::Cache::none());
        let people = people::State::open(site, session, cache, waker.clone()).with_clock(places.clock.clone());
        Self { path: None, unlocked: None, people, demo: Some(demo) }
    }

    /// A site of the administrator's.
    pub fn of(opened: Opened, places: &Places, waker: &Waker) -> Self {
        let cache = Arc::clone(&places.cache);
        let people = people::State::open(opened.site, opened.session, cache, waker.clone());
        let people = people.with_clock(places.clock.clone());
        Self { path: opened.path, unlocked: None, people, demo: None }
    }

    /// Layout and order as they were the last time.
    pub fn arrange(&mut self, settings: &Settings) {
        self.people.run(Command::Layout(settings.layout));
        self.people.arrange(settings.sort);
    }

    /// The site.
    pub fn site(&self) -> &Site {
        self.people.site()
    }

    /// Unlocks it; `false` when the site's file says that it is read-only.
    pub fn unlock(&mut self) -> bool {
        self.unlocked = self.site().unlock().map(Arc::new);
        self.unlocked.is_some()
    }

    /// For the journal's undo.
    pub fn for_activity(&self) -> activity::OpenSite {
        activity::OpenSite {
            site: Arc::new(self.people.site_in_force()),
            session: self.people.session().clone(),
            unlocked: self.unlocked.clone(),
        }
    }

    /// For the dialog that sets a photo URL.
    pub fn tools(&self, places: &Places, waker: &Waker) -> Tools {
        let mut looking = self.people.looking();
        looking.edge = 256;
        looking.fresh = true; // what is about to be written is looked at now
        Tools {
            site: Arc::new(self.people.site_in_force()),
            session: self.people.session().clone(),
            journal: places.journal.clone(),
            looking,
            unlocked: self.unlocked.clone(),
            waker: waker.clone(),
        }
    }
}
