//! A piece of a text around what is marked in it: as much of a long message as a list of hits has room for.

use std::ops::Range;

/// How far an end is moved so that it falls between words, in characters.
const SLACK: usize = 24;

/// A stretch of an excerpt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The words.
    pub text: String,
    /// Whether they are what was searched for.
    pub marked: bool,
}

/// The stretches of `text` where its marks (bytes of it) are densest, some `most` characters long; `…` stands where there is
/// more. Marks that are not within the text are passed over.
#[must_use]
pub fn excerpt(text: &str, marks: &[Range<usize>], most: usize) -> Vec<Stretch> {
    let marks = clean(text, marks);
    let window = window(text, &marks, most);
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut push = |text: &str, marked| {
        if !text.is_empty() {
            stretches.push(Stretch { text: text.to_owned(), marked });
        }
    };
    let mut at = window.start;
    for mark in marks.iter().filter(|mark| mark.start >= window.start && mark.end <= window.end) {
        push(&text[at..mark.start], false);
        push(&text[mark.clone()], true);
        at = mark.end;
    }
    push(&text[at..window.end], false);
    if window.start > 0 {
        stretches.insert(0, Stretch { text: "…".to_owned(), marked: false });
    }
    if window.end < text.len() {
        stretches.push(Stretch { text: "…".to_owned(), marked: false });
    }
    stretches
}

/// Marks in order, apart from each other, and within the text.
fn clean(text: &str, marks: &[Range<usize>]) -> Vec<Range<usize>> {
    let fits = |mark: &&Range<usize>| mark.start < mark.end && text.get((*mark).clone()).is_some();
    let mut sorted: Vec<Range<usize>> = marks.iter().filter(fits).cloned().collect();
    sorted.sort_by_key(|mark| (mark.start, mark.end));
    let mut apart: Vec<Range<usize>> = Vec::with_capacity(sorted.len());
    for mark in sorted {
        match apart.last_mut().filter(|last| mark.start < last.end) {
            Some(last) => last.end = last.end.max(mark.end),
            None => apart.push(mark),
        }
    }
    apart
}

/// The bytes to show: all, or those around the densest run of marks.
fn window(text: &str, marks: &[Range<usize>], most: usize) -> Range<usize> {
    // Where each character begins, and the end.
    let edges: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let characters = edges.len() - 1;
    if characters <= most {
        return 0..text.len();
    }
    let place = |byte: usize| edges.partition_point(|edge| *edge < byte);
    let spans: Vec<(usize, usize)> = marks.iter().map(|mark| (place(mark.start), place(mark.end))).collect();
    let within = |first: usize| spans.iter().filter(|(from, to)| *from >= first && *to <= first + most).count();
    let densest = spans.iter().map(|(from, _)| *from).rev().max_by_key(|from| within(*from)).unwrap_or(0);
    let last = spans.iter().filter(|(_, to)| *to <= densest + most).map(|(_, to)| *to).next_back().unwrap_or(densest);
    // What the marks leave is divided: a third before, the rest after.
    let spare = most.saturating_sub(last.saturating_sub(densest));
    let from = densest.saturating_sub(spare / 3).min(characters - most);
    let to = (from + most).min(characters);
    let is_gap = |at: usize| text[edges[at]..].starts_with(char::is_whitespace);
    let from = match from {
        0 => 0,
        from => (from..densest.min(from + SLACK)).find(|at| is_gap(*at)).map_or(from, |at| at + 1),
    };
    let to = match to {
        to if to == characters => to,
        to => (last.max(to.saturating_sub(SLACK))..to).rev().find(|at| is_gap(*at)).unwrap_or(to),
    };
    edges[from]..edges[to]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str, words: &[&str], most: usize) -> String {
        let marks: Vec<Range<usize>> =
            words.iter().filter_map(|word| text.find(word).map(|at| at..at + word.len())).collect();
        let mark = |stretch: Stretch| if stretch.marked { format!("[{}]", stretch.text) } else { stretch.text };
        excerpt(text, &marks, most).into_iter().map(mark).collect()
    }

    #[test]
    fn a_short_text_is_shown_whole_with_its_marks() {
        assert_eq!(shown("Мама приедет 12-го", &["12-го", "Мама"], 100), "[Мама] приедет [12-го]");
        assert_eq!(shown("nothing marked", &[], 100), "nothing marked");
        assert_eq!(shown("", &[], 10), "");
    }

    #[test]
    fn a_long_text_is_cut_between_words_around_what_is_marked() {
        let text = format!("{}the secret heron {}", "before and ".repeat(50), "and after ".repeat(50));
        let cut = shown(&text, &["heron"], 60);
        assert!(cut.contains("secret [heron] and after"), "{cut}");
        assert!(cut.starts_with('…') && cut.ends_with('…') && cut.chars().count() < 70, "{cut}");
    }

    #[test]
    fn the_densest_run_of_marks_is_shown() {
        let text = format!("heron {} heron pelican {}", "x ".repeat(200), "y ".repeat(200));
        let both = text.rfind("heron").unwrap();
        let marks = [0..5, both..both + 5, both + 6..both + 13];
        let cut: String = excerpt(&text, &marks, 40).into_iter().map(|stretch| stretch.text).collect();
        assert!(cut.contains("heron pelican"), "{cut}");
    }

    proptest! {
        #[test]
        fn whatever_the_marks_it_is_of_the_text_and_not_longer(
            text in ".{0,200}", marks in proptest::collection::vec((0_usize..300, 0_usize..40), 0..6), most in 1_usize..120,
        ) {
            let marks: Vec<Range<usize>> = marks.into_iter().map(|(from, long)| from..from + long).collect();
            let cut = excerpt(&text, &marks, most);
            let whole: String = cut.iter().map(|stretch| stretch.text.as_str()).collect();
            prop_assert!(whole.chars().count() <= most + 2);
            let bare = whole.trim_start_matches('…').trim_end_matches('…');
            prop_assert!(text.contains(bare));
        }
    }
}
