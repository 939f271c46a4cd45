//! Conversation made up from a seed, in English, French and Russian.
//!
//! Sentences are frames with words put in: most words come from short lists, as in real talk, and some are names made of
//! syllables, so that the vocabulary grows with the conversation as a real one does. A message has 137 characters on
//! average, like those of two friends who write to each other.

/// Frames and words of one language. In a frame, `N` is a thing, `P` a place, `W` a time, `D` a number, `X` a name.
struct Language {
    frames: [&'static str; 20],
    things: &'static str,
    places: &'static str,
    times: &'static str,
    syllables: &'static str,
}

const ENGLISH: Language = Language {
    frames: [
        "I finally bought a N for the P, it cost D euros.",
        "Do you remember where I left the N from P?",
        "W I am meeting X near the P.",
        "My sister says that the N of X is broken again.",
        "That sounds great, tell me how it went!",
        "We moved the N to the P because there was no room.",
        "Could you remind me W to call X about the N?",
        "The doctor wants to see me W at D o'clock.",
        "I have been thinking about learning N in P.",
        "X sent D pictures of the P, they are lovely.",
        "Honestly the N was better than I expected.",
        "It took us D minutes to walk from the P to the N.",
        "Thanks, I had completely forgotten about that.",
        "The train to X leaves W from platform D.",
        "I would rather cook N than go out.",
        "What did X say about the N?",
        "My code for the P is still with X.",
        "We counted D birds behind the P this morning.",
        "You should try the N with a little N.",
        "Nothing new here, just work and the N.",
    ],
    things: "bicycle lamp bread piano ticket garden kettle blanket recipe contract invoice passport camera violin umbrella notebook \
             sofa ladder soup cheese tea coffee keyboard shelf drill board wallet jacket necklace painting letter novel oven window \
             pottery yoga chess engine helmet tent",
    places: "kitchen harbour office station library hospital market museum cellar workshop balcony school cinema bakery park bridge \
             gallery stadium pharmacy attic",
    times: "tomorrow|on Monday|next week|this evening|on Friday morning|in two weeks|after lunch|at the weekend|in April|tonight",
    syllables: "ba den mor lin ha ro ket sal wen tor ash ley bur nor fel mar",
};

const FRENCH: Language = Language {
    frames: [
        "J'ai enfin acheté un N pour le P, il a coûté D euros.",
        "Tu te souviens où j'ai laissé le N du P ?",
        "W je retrouve X près du P.",
        "Ma sœur dit que le N de X est encore cassé.",
        "C'est génial, raconte-moi comment ça s'est passé !",
        "Nous avons déplacé le N vers le P, il n'y avait plus de place.",
        "Peux-tu me rappeler W d'appeler X pour le N ?",
        "Le médecin veut me voir W à D heures.",
        "Je pense depuis longtemps à apprendre le N à P.",
        "X a envoyé D photos du P, elles sont superbes.",
        "Franchement, le N était meilleur que prévu.",
        "Il nous a fallu D minutes à pied du P jusqu'au N.",
        "Merci, j'avais complètement oublié.",
        "Le train pour X part W du quai D.",
        "Je préfère cuisiner du N plutôt que de sortir.",
        "Qu'est-ce que X a dit à propos du N ?",
        "Mon code du P est toujours chez X.",
        "Nous avons compté D oiseaux derrière le P ce matin.",
        "Tu devrais essayer le N avec un peu de N.",
        "Rien de neuf ici, juste le travail et le N.",
    ],
    things: "vélo lampe pain piano billet jardin théière couverture recette contrat facture passeport appareil violon parapluie cahier \
             canapé échelle soupe fromage thé café clavier étagère perceuse planche portefeuille veste collier tableau lettre roman \
             four fenêtre poterie yoga échecs moteur casque tente",
    places: "cuisine port bureau gare bibliothèque hôpital marché musée cave atelier balcon école cinéma boulangerie parc pont \
             galerie stade pharmacie grenier",
    times: "demain|lundi|la semaine prochaine|ce soir|vendredi matin|dans deux semaines|après le déjeuner|ce week-end|en avril|cette nuit",
    syllables: "bel don mou lin cha ro vier sal gne tou pré lac bo nor fé mar",
};

const RUSSIAN: Language = Language {
    frames: [
        "Наконец-то я купила N в P, стоило D евро.",
        "Ты помнишь, где я оставила N из P?",
        "W я встречаюсь с X возле P.",
        "Сестра говорит, что N у X опять не работает.",
        "Звучит отлично, расскажи, как всё прошло!",
        "Мы перенесли N в P, потому что не было места.",
        "Напомни мне W позвонить X насчёт N?",
        "Врач ждёт меня W в D часов.",
        "Я давно думаю научиться N в P.",
        "X прислал D фотографий из P, они чудесные.",
        "Честно говоря, N оказался лучше, чем я ожидала.",
        "Мы шли пешком D минут от P до N.",
        "Спасибо, я совсем про это забыла.",
        "Поезд в X отправляется W с платформы D.",
        "Лучше приготовлю N, чем пойду куда-то.",
        "Что сказал X про N?",
        "Мой код от P до сих пор у X.",
        "Утром мы насчитали D птиц за P.",
        "Попробуй N и немного N.",
        "У меня ничего нового, только работа и N.",
    ],
    things: "велосипед лампа хлеб пианино билет сад чайник одеяло рецепт договор счёт паспорт камера скрипка зонт тетрадь диван \
             лестница суп сыр чай кофе клавиатура полка дрель доска кошелёк куртка ожерелье картина письмо роман печь окно керамика \
             йога шахматы мотор шлем палатка",
    places: "кухня гавань офис вокзал библиотека больница рынок музей подвал мастерская балкон школа кинотеатр пекарня парк мост \
             галерея стадион аптека чердак",
    times: "завтра|в понедельник|на той неделе|сегодня вечером|в пятницу утром|через две недели|после обеда|в выходные|в апреле|ночью",
    syllables: "бе лин мор ка ро вил сан ту шер на гор лев дан оль фе мар",
};

/// Makes up messages; the same seed gives the same ones.
pub(crate) struct Corpus(u64);

impl Corpus {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// One message; conversations with the same `topic` share a language.
    pub(crate) fn message(&mut self, topic: u32) -> String {
        let sentences = 1 + self.below(5);
        (0..sentences).map(|_| self.sentence_about(topic)).collect::<Vec<_>>().join(" ")
    }

    /// One sentence in the language of `topic`.
    pub(crate) fn sentence_about(&mut self, topic: u32) -> String {
        self.sentence([&ENGLISH, &RUSSIAN, &FRENCH][topic as usize % 3])
    }

    fn sentence(&mut self, language: &Language) -> String {
        let frame = self.one_of(&language.frames);
        let mut sentence = String::with_capacity(frame.len() * 2);
        for letter in frame.split_inclusive(|letter: char| letter.is_ascii_uppercase()) {
            let (text, slot) = letter.split_at(letter.len() - usize::from(letter.ends_with(is_slot)));
            sentence.push_str(text);
            match slot {
                "N" => sentence.push_str(self.word(language.things)),
                "P" => sentence.push_str(self.word(language.places)),
                "W" => sentence.push_str(self.one_of(&language.times.split('|').collect::<Vec<_>>())),
                "D" => sentence.push_str(&self.below(100).to_string()),
                "X" => sentence.push_str(&self.name(language)),
                _ => {}
            }
        }
        sentence
    }

    /// Common words come often and rare ones seldom.
    fn word<'a>(&mut self, list: &'a str) -> &'a str {
        let words: Vec<&str> = list.split_whitespace().collect();
        let place = self.below(words.len()).min(self.below(words.len()));
        words[place]
    }

    fn name(&mut self, language: &Language) -> String {
        let syllables: Vec<&str> = language.syllables.split_whitespace().collect();
        let name: String = (0..2 + self.below(2)).map(|_| self.one_of(&syllables)).collect();
        let mut letters = name.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    fn below(&mut self, limit: usize) -> usize {
        // SplitMix64: no better randomness is needed, and it costs next to nothing while instructions are counted.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).unwrap_or_default()
    }
}

fn is_slot(letter: char) -> bool {
    matches!(letter, 'N' | 'P' | 'W' | 'D' | 'X')
}
