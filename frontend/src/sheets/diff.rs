//! The difference between two statements, word by word.

use leptos::prelude::*;

/// A run of words that is in both, only in the old, or only in the new statement.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Run {
    Same(String),
    Gone(String),
    New(String),
}

/// The longest common subsequence of words, as runs.
fn runs(old: &str, new: &str) -> Vec<Run> {
    let old: Vec<&str> = old.split_whitespace().collect();
    let new: Vec<&str> = new.split_whitespace().collect();
    let mut common = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] =
                if old[i] == new[j] { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut runs) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            push(&mut runs, Run::Same(old[i].to_owned()));
            (i, j) = (i + 1, j + 1);
        } else if j >= new.len() || (i < old.len() && common[i + 1][j] >= common[i][j + 1]) {
            push(&mut runs, Run::Gone(old[i].to_owned()));
            i += 1;
        } else {
            push(&mut runs, Run::New(new[j].to_owned()));
            j += 1;
        }
    }
    runs
}

/// Adds a word to the last run if it is of the same kind.
fn push(runs: &mut Vec<Run>, next: Run) {
    match (runs.last_mut(), &next) {
        (Some(Run::Same(text)), Run::Same(word))
        | (Some(Run::Gone(text)), Run::Gone(word))
        | (Some(Run::New(text)), Run::New(word)) => {
            text.push(' ');
            text.push_str(word);
        }
        _ => runs.push(next),
    }
}

/// The new statement with what went and what came.
pub(super) fn diff(old: &str, new: &str) -> AnyView {
    let words: Vec<_> = runs(old, new)
        .into_iter()
        .map(|run| match run {
            Run::Same(text) => view! { {text}" " }.into_any(),
            Run::Gone(text) => view! { <del>{text}</del>" " }.into_any(),
            Run::New(text) => view! { <ins>{text}</ins>" " }.into_any(),
        })
        .collect();
    words.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_words_that_changed_are_marked() {
        let runs = runs("visits from 10 to 17 December", "visits from 12 to 19 December");
        let expected = [
            Run::Same("visits from".into()),
            Run::Gone("10".into()),
            Run::New("12".into()),
            Run::Same("to".into()),
            Run::Gone("17".into()),
            Run::New("19".into()),
            Run::Same("December".into()),
        ];
        assert_eq!(runs, expected);
    }
}
