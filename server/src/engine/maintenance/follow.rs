//! Episodes in step with messages: what was said since is followed, pauses and resets and shifts of topic close them.

use souvenir_memory::{
    ChatId, MessageId,
    episode::{self, LOOK_BACK, Rules, Said},
};

use crate::{
    engine::{ChatEvent, Engine, error::Result},
    store::{Followed, Trail},
    words,
};

/// How many messages are read at a time; an import brings more.
const AT_A_TIME: u32 = 1000;
/// How many words of a message tell its subject.
const MOST_TERMS: usize = 60;

impl Engine {
    /// Follows what was said in a chat since it was last followed.
    pub(super) async fn follow(&self, chat: ChatId) -> Result<()> {
        let _alone = self.inner.upkeep.following.lock().await;
        let session = self.settings_at(Some(chat), self.now()).await?.session_duration.value;
        loop {
            let trail = self.store().trail(chat).await?;
            let after = trail.followed_through.unwrap_or(MessageId(0));
            let new = self.store().conversation_after(chat, after, AT_A_TIME).await?;
            if new.is_empty() && trail.open.is_none() {
                return Ok(());
            }
            let is_all = new.len() < AT_A_TIME as usize;
            let known = self.looked_back(chat, trail).await?;
            let looked_back = known.len();
            let said: Vec<Said> = tokio::task::spawn_blocking(move || {
                known.into_iter().chain(new).map(said).collect::<Vec<_>>()
            })
            .await
            .map_err(|error| crate::engine::EngineError::Internal(format!("following a chat failed: {error}")))?;
            let Some(last) = said.last() else { return Ok(()) };
            let first = trail.open.map_or(after, |(first, _)| first);
            let mut resets = self.store().context_starts(chat, first).await?;
            if !is_all {
                resets.retain(|start| *start <= last.id);
            }
            let rules = Rules { session, resets: &resets, now: if is_all { self.now() } else { last.at } };
            let spans = episode::follow(&said, looked_back, &rules);
            let changed =
                spans.len() > 1 || said.len() > looked_back || spans.iter().any(|span| span.closing.is_some());
            if changed {
                self.store().keep_episodes(chat, &spans, self.now()).await?;
                self.emit(ChatEvent::Episodes { chat });
            }
            if is_all {
                return Ok(());
            }
        }
    }

    async fn looked_back(&self, chat: ChatId, trail: Trail) -> Result<Vec<Followed>> {
        let Some((first, last)) = trail.open else { return Ok(Vec::new()) };
        let most = u32::try_from(LOOK_BACK).unwrap_or(u32::MAX);
        Ok(self.store().conversation_before(chat, first, last, most).await?)
    }
}

pub(super) fn said(message: Followed) -> Said {
    Said {
        id: message.id,
        turn: message.turn,
        role: message.role,
        at: message.at,
        terms: words::terms(&message.text).take(MOST_TERMS).collect(),
    }
}

#[cfg(test)]
mod tests {
    use souvenir_memory::{Role, SessionDuration, Timestamp, TurnId, episode::Closing};

    use super::*;

    /// A conversation of questions, each answered with a few words, followed to its end: where each episode ended.
    fn episodes(questions: &[&str]) -> Vec<(usize, Option<Closing>)> {
        let mut all = Vec::new();
        for (turn, question) in (0_i64..).zip(questions) {
            for (id, role, text) in
                [(turn * 2, Role::User, *question), (turn * 2 + 1, Role::Assistant, "Noted. Понятно. C’est noté.")]
            {
                all.push(said(Followed {
                    id: MessageId(id),
                    turn: Some(TurnId(turn)),
                    role,
                    at: Timestamp(id * 60_000),
                    text: text.to_owned(),
                }));
            }
        }
        let now = all.last().map_or(Timestamp(0), |said| said.at);
        let rules = Rules { session: SessionDuration::Short, resets: &[], now };
        let spans = episode::follow(&all, 0, &rules);
        spans.iter().map(|span| (usize::try_from(span.last.0 / 2 + 1).unwrap(), span.closing)).collect()
    }

    const SHIFTS: [[&[&str]; 2]; 3] = [
        [
            &[
                "When should I sow tomato seeds on my balcony?",
                "How often do tomatoes on a balcony need water?",
                "Which soil suits tomato plants in pots?",
                "My tomato plants have yellow leaves, is it the soil?",
            ],
            &[
                "Which form do I need to declare rental income for taxes?",
                "Is the tax form for rental income due in May?",
                "Can repairs be deducted from rental income on that form?",
                "Where is the tax office that takes the form?",
            ],
        ],
        [
            &[
                "Когда сеять помидоры на балконе?",
                "Как часто поливать помидоры в горшках?",
                "Какая земля нужна помидорам в горшках?",
                "У помидоров желтеют листья, земля плохая?",
            ],
            &[
                "Какую декларацию подавать на аренду квартиры?",
                "Налог с аренды платят в мае?",
                "Можно ли вычесть ремонт квартиры из налога с аренды?",
                "Где налоговая, куда нести декларацию?",
            ],
        ],
        [
            &[
                "Quand semer les tomates sur le balcon ?",
                "Faut-il arroser les tomates du balcon chaque jour ?",
                "Quelle terre convient aux tomates en pot ?",
                "Mes tomates ont des feuilles jaunes, c’est la terre ?",
            ],
            &[
                "Quel formulaire pour déclarer un loyer aux impôts ?",
                "La déclaration d’impôts du loyer, c’est en mai ?",
                "Peut-on déduire des travaux du loyer sur ce formulaire ?",
                "Où est le centre des impôts qui prend le formulaire ?",
            ],
        ],
    ];

    #[test]
    fn a_new_subject_of_several_turns_ends_the_episode_in_three_languages() {
        for [old, new] in SHIFTS {
            assert_eq!(episodes(&[old, new].concat()), [(4, Some(Closing::Topic)), (8, None)], "{}", new[0]);
            assert_eq!(episodes(&[old, &new[..3]].concat()), [(7, None)], "three turns are not enough: {}", new[0]);
        }
    }

    #[test]
    fn an_aside_ends_nothing_in_three_languages() {
        for [old, new] in SHIFTS {
            let back = [&old[..3], &new[..2], &old[3..], &old[1..2]].concat();
            assert_eq!(episodes(&back), [(7, None)], "{}", old[0]);
            let there_and_back = [&old[..3], &new[..3], &old[3..], &new[3..], &old[1..2]].concat();
            assert_eq!(episodes(&there_and_back), [(9, None)], "{}", old[0]);
        }
    }
}
