//! What becomes of a fact when some of what it rests on is forgotten.

use std::collections::BTreeSet;

use crate::MessageId;

/// A version of a fact, as far as forgetting goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// Its number.
    pub number: u32,
    /// What it says.
    pub statement: String,
    /// Whether a person put it so: an owner's or a chatter's version that rested on no message when it was written.
    pub by_person: bool,
    /// The messages it rests on.
    pub evidence: Vec<MessageId>,
    /// Whether it repeats a distinctive word of what is forgotten.
    pub repeats: bool,
    /// Whether it is the one in force.
    pub is_open: bool,
}

/// What becomes of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It does not rest on what is forgotten, nor repeat it.
    Untouched,
    /// It rests on other messages, or on a person's word.
    Stays {
        /// Versions that go all the same.
        gone: Vec<u32>,
        /// The version that comes into force again, since the one in force goes.
        reopened: Option<u32>,
        /// Whether a person's own words, which stay, repeat what is forgotten.
        repeats_by_hand: bool,
    },
    /// Nothing else carries it: it goes with all its versions.
    Gone,
}

/// Decides about a fact with all its versions, oldest first.
///
/// A version goes when all that it rested on is forgotten, when it repeats a distinctive word, which nothing else can have
/// taught, or when it only said again what a version said that goes. What a person put in words of their own stays: it rests
/// on no message. A fact goes when no version is left that a message or a person carries.
#[must_use]
pub fn fate(versions: &[Version], forgotten: &BTreeSet<MessageId>) -> Fate {
    let touches = |version: &Version| version.evidence.iter().any(|id| forgotten.contains(id));
    if !versions.iter().any(|version| touches(version) || version.repeats) {
        return Fate::Untouched;
    }
    let mut gone: Vec<u32> = Vec::new();
    for (index, version) in versions.iter().enumerate() {
        let first = versions[..index].iter().find(|earlier| earlier.statement == version.statement);
        let goes = match first {
            // The same words again, by whomever: they are as good as when they came up.
            Some(first) if version.evidence.is_empty() => gone.contains(&first.number),
            _ if is_in_own_words(version, first) => false,
            _ => {
                let left = version.evidence.iter().any(|id| !forgotten.contains(id));
                version.repeats || (touches(version) && !left)
            }
        };
        if goes {
            gone.push(version.number);
        }
    }
    let stays = |version: &&Version| !gone.contains(&version.number);
    let carried = |version: &Version| {
        let first = versions.iter().find(|first| first.statement == version.statement);
        version.evidence.iter().any(|id| !forgotten.contains(id)) || first.is_some_and(|first| first.by_person)
    };
    if !versions.iter().filter(stays).any(carried) {
        return Fate::Gone;
    }
    let lost_the_open = versions.iter().any(|version| version.is_open && gone.contains(&version.number));
    Fate::Stays {
        reopened: lost_the_open.then(|| versions.iter().rfind(stays).map(|version| version.number)).flatten(),
        repeats_by_hand: versions.iter().filter(stays).any(|version| version.repeats),
        gone,
    }
}

/// Whether a person brought a version's words up.
fn is_in_own_words(version: &Version, first: Option<&Version>) -> bool {
    version.by_person && first.is_none_or(|first| first.by_person)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn version(number: u32, statement: &str, evidence: &[i64]) -> Version {
        Version {
            number,
            statement: statement.to_owned(),
            evidence: evidence.iter().map(|id| MessageId(*id)).collect(),
            ..Version::default()
        }
    }

    fn forgotten(ids: &[i64]) -> BTreeSet<MessageId> {
        ids.iter().map(|id| MessageId(*id)).collect()
    }

    fn stays(gone: &[u32], reopened: Option<u32>) -> Fate {
        Fate::Stays { gone: gone.to_vec(), reopened, repeats_by_hand: false }
    }

    #[test]
    fn a_fact_that_rests_on_the_message_alone_goes() {
        let versions = [Version { is_open: true, ..version(1, "likes tea", &[7]) }];
        assert_eq!(fate(&versions, &forgotten(&[7])), Fate::Gone);
        assert_eq!(fate(&versions, &forgotten(&[8])), Fate::Untouched);
    }

    #[test]
    fn a_fact_with_other_evidence_loses_that_piece_only() {
        let versions = [Version { is_open: true, ..version(1, "likes tea", &[7, 9]) }];
        assert_eq!(fate(&versions, &forgotten(&[7])), stays(&[], None));
    }

    #[test]
    fn what_was_believed_before_is_believed_again() {
        let versions = [version(1, "likes tea", &[7]), Version { is_open: true, ..version(2, "likes coffee", &[9]) }];
        assert_eq!(fate(&versions, &forgotten(&[9])), stays(&[2], Some(1)));
        assert_eq!(fate(&versions, &forgotten(&[7])), stays(&[1], None));
        assert_eq!(fate(&versions, &forgotten(&[7, 9])), Fate::Gone);
    }

    #[test]
    fn the_same_words_said_again_by_the_owner_go_with_what_they_came_from() {
        let done = Version { by_person: true, is_open: true, ..version(2, "wants to run", &[]) };
        assert_eq!(fate(&[version(1, "wants to run", &[7]), done], &forgotten(&[7])), Fate::Gone);
    }

    #[test]
    fn a_persons_own_words_stay_and_are_told_of() {
        let own = Version { by_person: true, is_open: true, repeats: true, ..version(2, "runs in Lyon", &[]) };
        let versions = [Version { repeats: true, ..version(1, "runs", &[7]) }, own];
        let expected = Fate::Stays { gone: vec![1], reopened: None, repeats_by_hand: true };
        assert_eq!(fate(&versions, &forgotten(&[7])), expected);
    }

    #[test]
    fn a_distinctive_word_takes_its_version_whatever_else_it_rests_on() {
        let versions = [Version { repeats: true, is_open: true, ..version(1, "has a dog called Rex", &[7, 9]) }];
        assert_eq!(fate(&versions, &forgotten(&[7])), Fate::Gone);
    }

    fn any_version() -> impl Strategy<Value = Version> {
        ("[a-c]", any::<bool>(), proptest::collection::vec(1_i64..6, 0..3), any::<bool>()).prop_map(
            |(statement, by_person, evidence, repeats)| Version {
                statement,
                by_person: by_person && evidence.is_empty(),
                evidence: evidence.into_iter().map(MessageId).collect(),
                repeats,
                ..Version::default()
            },
        )
    }

    proptest! {
        #[test]
        fn nothing_stays_that_rested_on_the_forgotten_alone(
            mut versions in proptest::collection::vec(any_version(), 1..5),
            ids in proptest::collection::btree_set(1_i64..6, 1..4),
            is_open in any::<bool>(),
        ) {
            for (number, version) in (1..).zip(&mut versions) {
                version.number = number;
            }
            versions.last_mut().unwrap().is_open = is_open;
            let forgotten: BTreeSet<MessageId> = ids.into_iter().map(MessageId).collect();
            match fate(&versions, &forgotten) {
                Fate::Gone | Fate::Untouched => {}
                Fate::Stays { gone, reopened, repeats_by_hand } => {
                    let left: Vec<&Version> = versions.iter().filter(|version| !gone.contains(&version.number)).collect();
                    prop_assert!(!left.is_empty());
                    for version in &left {
                        let lost_all = !version.evidence.is_empty() && version.evidence.iter().all(|id| forgotten.contains(id));
                        prop_assert!(!lost_all, "{version:?} rests on nothing any more");
                        if version.repeats && !repeats_by_hand {
                            prop_assert!(false, "{version:?} repeats what is forgotten and nobody is told");
                        }
                    }
                    let open = left.iter().filter(|version| version.is_open || Some(version.number) == reopened).count();
                    prop_assert_eq!(open, usize::from(is_open), "one version is in force as before");
                }
            }
        }
    }
}
