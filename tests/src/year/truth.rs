//! What is true of Vera, and since when: what she tells, changes and corrects.

use super::{BEGINS, DAY, Dice};

/// What a fact is about. Of each there is one that holds at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Aspect {
    /// Where she lives (in English): she moves twice or three times.
    Home,
    /// For whom she works (in French): she changes twice.
    Job,
    /// Her birthday (in Russian): told wrongly, then corrected.
    Birthday,
    /// Her favourite drink (in English): it changes once.
    Drink,
    /// Where her sister lives (in Russian): she moves once.
    Sister,
    /// What she is allergic to (in English): it stays.
    Allergy,
    /// What she loves (in French): it stays.
    Love,
    /// Her cat (in Russian): it stays.
    Cat,
}

impl Aspect {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Home, Self::Job, Self::Birthday, Self::Drink, Self::Sister, Self::Allergy, Self::Love, Self::Cat];

    /// The kind of fact that Souvenir makes of it.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Home | Self::Job | Self::Birthday => "identity",
            Self::Drink | Self::Allergy | Self::Love => "preference",
            Self::Sister | Self::Cat => "relationship",
        }
    }

    /// The statement with a value in its place.
    fn statement(self, value: &str) -> String {
        match self {
            Self::Home => format!("I live in {value}"),
            Self::Job => format!("Je travaille chez {value}"),
            Self::Birthday => format!("Мой день рождения {value}"),
            Self::Drink => format!("My favourite drink is {value}"),
            Self::Sister => format!("Моя сестра живёт в {value}"),
            Self::Allergy => format!("I'm allergic to {value}"),
            Self::Love => format!("J'adore {value}"),
            Self::Cat => format!("Мой кот любит {value}"),
        }
    }

    /// What may stand there.
    fn values(self) -> &'static [&'static str] {
        match self {
            Self::Home => &["Lyon", "Grenoble", "Marseille", "Nantes", "Annecy", "Dijon"],
            Self::Job => &["Ardoise", "Boréal", "Comptoir Vert", "Delta Bois", "Escale"],
            Self::Birthday => &["4 мая", "17 сентября", "29 октября", "8 марта"],
            Self::Drink => &["jasmine tea", "oat cocoa", "black coffee", "ginger lemonade"],
            Self::Sister => &["Казани", "Тбилиси", "Риге", "Белграде"],
            Self::Allergy => &["walnuts", "shellfish", "birch pollen"],
            Self::Love => &["les polars islandais", "la poterie", "les marchés du dimanche"],
            Self::Cat => &["сушёный тунец", "спать на клавиатуре", "смотреть на голубей"],
        }
    }

    /// On which days of the year it is told, or told anew, with some days of leeway each.
    fn days(self) -> &'static [i64] {
        match self {
            Self::Home => &[2, 78, 196, 301],
            Self::Job => &[4, 124, 262],
            Self::Birthday => &[20, 140],
            Self::Drink => &[8, 230],
            Self::Sister => &[34, 172],
            Self::Allergy => &[12],
            Self::Love => &[46],
            Self::Cat => &[64],
        }
    }
}

/// A fact as it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What it is about.
    pub aspect: Aspect,
    /// The words that carry it, as they stand in the message.
    pub statement: String,
    /// When it was told, in seconds since 1970.
    pub from: i64,
    /// When something else was told in its place; none while it holds.
    pub until: Option<i64>,
    /// Whether it puts right what had been told wrongly; otherwise something had changed, or it is the first.
    pub corrects: bool,
}

impl Told {
    /// The day on which it was told, as models write it: `2025-03-21`.
    #[must_use]
    pub fn day(&self) -> String {
        day_of(self.from)
    }
}

/// Everything that is told, in order of time.
pub(super) fn told(dice: &mut Dice) -> Vec<Told> {
    let mut all: Vec<Told> = Vec::new();
    for aspect in Aspect::ALL {
        let values = dice.shuffled(aspect.values());
        let times: Vec<i64> = aspect.days().iter().map(|day| moment(dice, *day)).collect();
        for (place, (at, value)) in times.iter().zip(&values).enumerate() {
            all.push(Told {
                aspect,
                statement: aspect.statement(value),
                from: *at,
                until: times.get(place + 1).copied(),
                corrects: aspect == Aspect::Birthday && place > 0,
            });
        }
    }
    all.sort_by_key(|told| told.from);
    all
}

/// A moment on a day, give or take three: in the evening, apart from all small talk, and never near the end of a month.
fn moment(dice: &mut Dice, day: i64) -> i64 {
    let day = (day + dice.between(-3, 4)).max(1);
    BEGINS + day * DAY + dice.between(19 * 3600, 20 * 3600)
}

/// The day of a moment.
pub(super) fn day_of(at: i64) -> String {
    let mut day = (at - BEGINS) / DAY;
    let months = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    for (month, days) in (1..).zip(months) {
        if day < days {
            return format!("2025-{month:02}-{:02}", day + 1);
        }
        day -= days;
    }
    format!("2026-01-{:02}", day + 1)
}
