//! Every text in every language, with the longest that can stand in it, within what Telegram takes.

use souvenir_memory::{
    ChatId, Fact, FactId, FactKind, FactSource, FactStatus, GoalState, Timestamp,
    fact::MAX_STATEMENT_CHARS,
    manifest::{Reason, Section},
};

use super::*;
use crate::telegram::format;

/// Characters over a chat when a button is pressed.
const NOTICE: usize = 200;
/// Characters in the field of a forced reply.
const PLACEHOLDER: usize = 64;

fn longest() -> Fact {
    Fact {
        id: FactId(i64::MAX),
        chat: ChatId(1),
        version: u32::MAX,
        kind: FactKind::Goal,
        subject: Some("&".repeat(200)),
        // Each of these takes five characters in HTML and two in Markdown.
        statement: "&".repeat(MAX_STATEMENT_CHARS),
        status: FactStatus::Pending,
        pinned: true,
        source: FactSource::Extracted,
        confidence: 1.0,
        goal_state: Some(GoalState::Open),
        due_at: Some(Timestamp(0)),
        valid_at: Some(Timestamp(0)),
        invalid_at: None,
        recorded_at: Timestamp(0),
        expired_at: None,
        created_at: Timestamp(0),
    }
}

fn is_one_message(markdown: &str) {
    assert_eq!(format::parts(markdown).len(), 1, "{} characters: {markdown:.60}", markdown.chars().count());
}

#[test]
fn the_longest_facts_and_goals_fit_one_message() {
    let fact = longest();
    for language in Language::ALL {
        let lines: Vec<String> = (1..=5).map(|number| facts::line(number, &fact)).collect();
        is_one_message(&format!(
            "{}\n\n{}\n\n{}",
            facts::title(language, 60),
            lines.join("\n"),
            facts::open_one(language)
        ));
        for text in [
            facts::view(language, &fact, "22 Nov 2026", Some("1 Jan 2020")),
            facts::deleted(language, &fact),
            facts::ask_wording(language, &fact),
            facts::corrected(language, &fact),
            remember::remembered(language, &fact),
            remember::known(language, &fact),
            goals::added(language, &fact, Some("31 Dec 2026")),
        ] {
            is_one_message(&text);
        }
        let due = Some(("31 Dec 2026", goals::Due::Overdue));
        let lines: Vec<String> = (1..=5).map(|number| goals::line(language, number, &fact, due)).collect();
        is_one_message(&format!("{}\n\n{}\n\n{}", goals::title(language, 60), lines.join("\n"), goals::how(language)));
        let quote =
            quotes::quoted(language, &"&".repeat(1_000), "Ada", "22 Nov 2026, 14:05", Some("https://t.me/c/1/2"));
        is_one_message(&format!("{}\n\n{quote}\n\n{quote}\n\n{quote}", quotes::rests_on(language, &fact)));
    }
}

#[test]
fn what_is_shown_over_a_chat_and_in_fields_fits() {
    for language in Language::ALL {
        let mut notices = vec![
            only_administrators(language),
            stale_button(language),
            refusal(language),
            trouble(language),
            forget::only_own_words(language),
            forget::moved_on(language),
            facts::gone(language),
            facts::changed(language),
            facts::owners_word(language),
            facts::restored(language),
            facts::pinned(language, true),
            facts::pinned(language, false),
        ];
        notices.extend(FactSource::ALL.iter().map(|source| quotes::no_quote(language, *source)));
        notices.extend(GoalState::ALL.iter().map(|state| goals::set(language, *state)));
        for notice in notices {
            assert!((1..=NOTICE).contains(&notice.chars().count()), "{notice}");
        }
        assert!(facts::wording_placeholder(language).chars().count() <= PLACEHOLDER);
    }
}

#[test]
fn a_table_of_the_context_fits_a_narrow_telephone() {
    for language in Language::ALL {
        for name in Section::ALL.map(|section| context::section(language, section)) {
            assert!(name.chars().count() <= 10, "{name}");
        }
        assert!(!context::reason(language, &Reason::BeforeReset).is_empty());
    }
}

#[test]
fn what_people_wrote_is_shown_as_they_wrote_it() {
    let odd = "<b>*x*_[y](z)` #1 ~~no~~ | \\ $a$ &amp;";
    let fact = Fact { statement: odd.to_owned(), subject: None, ..longest() };
    for language in Language::ALL {
        for text in [
            facts::view(language, &fact, "today", None),
            facts::deleted(language, &fact),
            facts::ask_wording(language, &fact),
            quotes::quoted(language, odd, odd, "today", None),
            goals::line(language, 1, &fact, None),
            summary::failed(language, odd),
            summary::invalid(language, odd, 365),
        ] {
            assert!(format::plain(&text).contains(odd), "{}", format::plain(&text));
        }
    }
}

#[test]
fn a_sign_in_link_arrives_whole() {
    let link = "http://127.0.0.1:3000/signin/a_b-c*d_e";
    for language in Language::ALL {
        let html = format::parts(&dashboard(language, link))[0].html();
        assert!(html.ends_with(link), "{html}");
    }
}

#[test]
fn telegram_takes_every_line_of_the_menus() {
    for language in Language::ALL {
        for (name, about) in commands(language) {
            assert!((3..=256).contains(&about.chars().count()), "{name}: {about}");
        }
    }
}
