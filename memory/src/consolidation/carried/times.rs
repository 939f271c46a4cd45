//! Words that tell when: what a date in a statement may have been reckoned from.

use crate::months::is_month;

/// A star stands for any ending.
const TIMES: &str = " today tonight tomorrow yesterday now week* month* year* day days daily ago next last since until till monday* tuesday* \
wednesday* thursday* friday* saturday* sunday* weekend* morning* noon afternoon* evening* night* hour* minute* spring summer autumn fall winter \
christmas easter birthday jan feb mar apr jun jul aug sep sept oct nov dec \
сегодня завтра послезавтра вчера позавчера недел* месяц* год года году годы лет день дня дней назад следующ* прошл* понедельник* вторник* \
сред* четверг* пятниц* суббот* воскресень* выходн* утр* полдень вечер* ночь ночью час часа часов минут* весн* лето летом лета осен* зим* \
aujourd demain hier semaine* mois an ans année* jour jours prochain* dernier* dernière* depuis lundi* mardi* mercredi* jeudi* vendredi* \
samedi* dimanche* weekend* matin* midi soir* nuit heure* minute* printemps été automne hiver noël pâques ";

/// Whether a word, in small letters, tells when something is.
pub(super) fn tells(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
        || is_month(word)
        || TIMES.split(' ').filter(|known| !known.is_empty()).any(|known| match known.strip_suffix('*') {
            Some(beginning) => word.starts_with(beginning),
            None => word == known,
        })
}
