//! What the buttons of `/facts` are called.

use crate::telegram::language::Language;

/// Before what was found.
pub(in crate::telegram) const FOUND: &str = "🔎";

/// The buttons under a fact.
pub(in crate::telegram) fn correct(language: Language) -> &'static str {
    language.pick("✏️ Correct", "✏️ Исправить", "✏️ Corriger")
}

pub(in crate::telegram) fn pin(language: Language, pinned: bool) -> &'static str {
    if pinned {
        language.pick("📌 Unpin", "📌 Открепить", "📌 Détacher")
    } else {
        language.pick("📌 Pin", "📌 Закрепить", "📌 Épingler")
    }
}

pub(in crate::telegram) fn delete(language: Language) -> &'static str {
    language.pick("🗑 Delete", "🗑 Удалить", "🗑 Supprimer")
}

pub(in crate::telegram) fn forget(language: Language) -> &'static str {
    language.pick("🗑 Erase for good", "🗑 Стереть насовсем", "🗑 Effacer pour de bon")
}

pub(in crate::telegram) fn quote(language: Language) -> &'static str {
    language.pick("💬 The words", "💬 Слова", "💬 Les mots")
}

pub(in crate::telegram) fn back(language: Language) -> &'static str {
    language.pick("« All facts", "« Все факты", "« Tous les faits")
}

pub(in crate::telegram) fn open(language: Language) -> &'static str {
    language.pick("Open it", "Открыть", "L'ouvrir")
}

pub(in crate::telegram) fn undo(language: Language) -> &'static str {
    language.pick("↩ Undo", "↩ Отменить", "↩ Annuler")
}
