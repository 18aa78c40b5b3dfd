//! Directives as people write them: quotes or none, odd capitals, indents, comments, continued lines.
//!
//! Not here: which directives ([`super::policy`] and below).

use super::random::Random;

/// A configuration that grows line by line.
#[derive(Clone, Debug, Default)]
pub struct Text {
    text: String,
    depth: usize,
}

impl Text {
    /// One directive with its words.
    pub fn line(&mut self, random: &mut Random, name: &str, words: &[&str]) {
        if random.percent(2) {
            self.raw(random.pick(&["", "# as it was before", "   # RewriteRule ^ - [F]", "\t"]));
        }
        let mut line = self.name(random, name);
        for word in words {
            line.push_str(if random.percent(1) {
                " \\\n   "
            } else if random.percent(3) {
                "  "
            } else {
                " "
            });
            line.push_str(&quoted(random, word));
        }
        line.push_str(if random.percent(2) { "  " } else { "" });
        self.raw(&line);
    }

    /// A directive whose words are not to be touched.
    pub fn plain(&mut self, random: &mut Random, name: &str, words: &str) {
        let line = format!("{} {words}", self.name(random, name));
        self.raw(&line);
    }

    /// A section with what `inside` puts into it.
    pub fn section(
        &mut self,
        random: &mut Random,
        name: &str,
        argument: &str,
        inside: &mut dyn FnMut(&mut Random, &mut Self),
    ) {
        let gap = if argument.is_empty() { "" } else { " " };
        let shown = self.name(random, name);
        self.raw(&format!("<{shown}{gap}{argument}>"));
        self.depth += 1;
        inside(random, self);
        self.depth -= 1;
        let shown = self.name(random, name);
        self.raw(&format!("</{shown}>"));
    }

    /// A line as it is.
    pub fn raw(&mut self, line: &str) {
        self.text.push_str(&"  ".repeat(self.depth));
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// All of it.
    pub fn finish(self) -> String {
        self.text
    }

    #[expect(clippy::unused_self, reason = "reads like the others")]
    fn name(&self, random: &mut Random, name: &str) -> String {
        match random.below(50) {
            0 => name.to_ascii_lowercase(),
            1 => name.to_ascii_uppercase(),
            _ => name.to_owned(),
        }
    }
}

/// A word with quotes when it needs some, and sometimes when it does not.
pub fn quoted(random: &mut Random, word: &str) -> String {
    let blank = word.is_empty() || word.contains([' ', '\t']);
    if word.contains('"') {
        return if word.contains('\'') { word.to_owned() } else { format!("'{word}'") };
    }
    // A backslash before a quote would protect it.
    if (blank || random.percent(15)) && !word.ends_with('\\') { format!("\"{word}\"") } else { word.to_owned() }
}
