//! What was done just now.

use crate::{api::Deed, words};

/// What was done, and to what.
pub(crate) fn told(deed: Deed, of: &[i64]) -> String {
    let what = what(deed, of);
    let (is, they) = if of.len() == 1 { ("is", "It") } else { ("are", "They") };
    match deed {
        Deed::Deleted => format!("{what} deleted. {they} will not be learnt again."),
        Deed::Merged => format!("{what} {is} one now."),
        Deed::Edited => format!("{what} changed."),
        Deed::Pinned => format!("{what} pinned."),
        Deed::Unpinned => format!("{what} unpinned."),
        Deed::Archived => format!("{what} archived. {they} {is} in no context from the next reply on."),
        Deed::BroughtBack => format!("{what} brought back."),
        Deed::Accepted => format!("{what} accepted."),
        Deed::Rejected => format!("{what} rejected. {they} will not be learnt again."),
    }
}

/// The only thing by its number, several by how many they are.
fn what(deed: Deed, of: &[i64]) -> String {
    match (deed, of) {
        (Deed::Archived | Deed::BroughtBack, [only]) => words::message_number(*only),
        (Deed::Archived | Deed::BroughtBack, several) => words::messages(several.len()),
        (Deed::Accepted | Deed::Rejected, [only]) => format!("Proposal {only}"),
        (Deed::Accepted | Deed::Rejected, several) => words::proposals(several.len()),
        (_, [only]) => words::fact_number(*only),
        (_, several) => words::facts(several.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_names_what_it_was_done_to() {
        assert_eq!(told(Deed::Deleted, &[7]), "Fact 7 deleted. It will not be learnt again.");
        assert_eq!(told(Deed::Merged, &[3, 7]), "2 facts are one now.");
        assert_eq!(
            told(Deed::Archived, &[1200]),
            "Message 1,200 archived. It is in no context from the next reply on."
        );
        assert_eq!(told(Deed::Rejected, &[2]), "Proposal 2 rejected. It will not be learnt again.");
    }
}
