//! Makes a differing case small: lines, files, headers and requests are dropped as long as the difference remains.
//!
//! Not here: what a difference is; the caller says whether a smaller case still differs.

use super::case::Case;

/// How many smaller cases are tried at most: each costs a start of the server.
const ATTEMPTS: usize = 400;

/// The smallest case found that still `differs`.
pub fn shrink(case: &Case, differs: &dyn Fn(&Case) -> bool) -> Case {
    let mut shrinker = Shrinker { best: case.clone(), attempts: ATTEMPTS, differs };
    shrinker.requests();
    while shrinker.round() && shrinker.attempts > 0 {}
    shrinker.best
}

struct Shrinker<'a> {
    best: Case,
    attempts: usize,
    differs: &'a dyn Fn(&Case) -> bool,
}

impl Shrinker<'_> {
    fn attempt(&mut self, smaller: Case) -> bool {
        if self.attempts == 0 {
            return false;
        }
        self.attempts -= 1;
        let still = (self.differs)(&smaller);
        if still {
            self.best = smaller;
        }
        still
    }

    /// One request is enough, nearly always.
    fn requests(&mut self) {
        if self.best.requests.len() < 2 {
            return;
        }
        for request in self.best.requests.clone() {
            if self.attempt(Case { requests: vec![request], ..self.best.clone() }) {
                return;
            }
        }
    }

    /// Tries everything once; tells whether something could go.
    fn round(&mut self) -> bool {
        let mut progress = self.text(None);
        let texts: Vec<String> =
            self.best.files.iter().filter(|(_, content)| content.is_string()).map(|(path, _)| path.clone()).collect();
        for path in texts {
            progress |= self.text(Some(&path));
        }
        for path in self.best.files.keys().cloned().collect::<Vec<_>>() {
            let mut smaller = self.best.clone();
            smaller.files.shift_remove(&path);
            progress |= self.attempt(smaller);
        }
        for number in (0..self.best.requests.len()).rev() {
            for header in (0..self.best.requests.get(number).map_or(0, |request| request.headers.len())).rev() {
                let mut smaller = self.best.clone();
                if let Some(request) = smaller.requests.get_mut(number) {
                    request.headers.remove(header);
                }
                progress |= self.attempt(smaller);
            }
        }
        for name in self.best.env_watch.clone() {
            let mut smaller = self.best.clone();
            smaller.env_watch.retain(|other| *other != name);
            progress |= self.attempt(smaller);
        }
        progress
    }

    /// Drops whole sections first, then runs of lines, then single lines, of the configuration or of a file.
    fn text(&mut self, path: Option<&str>) -> bool {
        let mut progress = false;
        let mut size = self.lines(path).len();
        while size > 0 {
            let mut at = 0;
            while at < self.lines(path).len() {
                let lines = self.lines(path);
                let section = section_end(&lines, at).map(|end| end + 1 - at).filter(|length| *length >= size);
                let wanted = section.unwrap_or(size);
                let dropped = |(number, _): &(usize, &String)| !(at..at + wanted).contains(number);
                let rest: Vec<String> =
                    lines.iter().enumerate().filter(dropped).map(|(_, line)| line.clone()).collect();
                if self.attempt(self.with(path, &rest)) || (size == 1 && self.unwrapped(path, &lines, at)) {
                    progress = true;
                } else {
                    at += size;
                }
            }
            size /= 2;
        }
        progress
    }

    /// Takes away the section that begins on line `at`, but not what is in it.
    fn unwrapped(&mut self, path: Option<&str>, lines: &[String], at: usize) -> bool {
        let Some(end) = section_end(lines, at) else { return false };
        let rest = lines.iter().enumerate().filter(|(number, _)| *number != at && *number != end);
        let rest: Vec<String> = rest.map(|(_, line)| line.clone()).collect();
        self.attempt(self.with(path, &rest))
    }

    fn lines(&self, path: Option<&str>) -> Vec<String> {
        let text = match path {
            None => self.best.config.as_str(),
            Some(path) => self.best.files.get(path).and_then(|content| content.as_str()).unwrap_or_default(),
        };
        text.split_inclusive('\n').map(str::to_owned).collect()
    }

    fn with(&self, path: Option<&str>, lines: &[String]) -> Case {
        let mut smaller = self.best.clone();
        let text = lines.concat();
        match path {
            None => smaller.config = text,
            Some(path) => drop(smaller.files.insert(path.to_owned(), text.into())),
        }
        smaller
    }
}

/// The line on which the section of line `at` ends.
fn section_end(lines: &[String], at: usize) -> Option<usize> {
    let opens = |line: &str| line.trim_start().starts_with('<') && !line.trim_start().starts_with("</");
    if !opens(lines.get(at)?) {
        return None;
    }
    let mut depth = 0_usize;
    for (number, line) in lines.iter().enumerate().skip(at) {
        if opens(line) {
            depth += 1;
        } else if line.trim_start().starts_with("</") {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some(number);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_shrinks_to_the_lines_that_matter() {
        let config = "ServerAdmin x\n<VirtualHost *:80>\n<Location /x>\nRequire all denied\n</Location>\nAlias /a /b\n</VirtualHost>\n";
        let case = Case { config: config.to_owned(), ..Case::default() };
        let small = shrink(&case, &|case: &Case| case.config.contains("Require all denied"));
        assert_eq!(small.config, "Require all denied\n");
    }
}
