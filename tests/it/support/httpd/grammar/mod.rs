//! Cases made up from a seed: configurations as photo hosts have them and odder ones, and requests that meet them.
//!
//! The same seed always makes the same case. What depends on time, on chance or on other servers is not made up.
//! Not here: what is answered ([`super::observe`]).

mod access;
mod policy;
mod random;
mod requests;
mod rewrite;
mod text;
mod words;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::case::Case;
use random::Random;

/// How many requests a made-up case has.
pub const REQUESTS: usize = 32;

/// The case of a seed.
pub fn case(seed: u64) -> Case {
    let mut random = Random::new(seed);
    let mut files: Map<String, Value> = words::FILES.iter().map(|path| ((*path).to_owned(), Value::Null)).collect();
    let config = policy::configuration(&mut random, &mut files);
    let requests = requests::requests(&mut random, REQUESTS);
    Case {
        id: format!("random/{seed}"),
        theme: "random".to_owned(),
        title: format!("Made up from seed {seed}"),
        servers: vec!["2.4".to_owned()],
        config,
        files,
        env_watch: words::VARIABLES.iter().map(|name| (*name).to_owned()).collect(),
        requests,
        observed: BTreeMap::new(),
        ..Case::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_case_every_time_and_another_one_makes_another() {
        for seed in 0..200 {
            assert_eq!(case(seed), case(seed));
            assert_ne!(case(seed).config, case(seed + 1).config);
        }
    }
}
