//! Ordinary talk, by which a model's centre is found: signs tell more when they are taken from where texts lie (see
//! [`souvenir_memory::vectors`]).
//!
//! It is talk of nobody, so that nothing of what people said stays in the centre when they have it forgotten. On a real
//! conversation of 419 messages (multilingual-e5-small), the best hundred by signs held 0.94 of the ten nearest, and 0.83 from zero.

/// Pairs of messages, as they are embedded.
pub(super) const ORDINARY: [&str; 16] = [
    "Ann: How was your weekend?\nBen: It was great, we went hiking with the kids and saw a lake.",
    "Mia: I finally started painting again.\nTom: That's wonderful! What are you painting?",
    "Leo: My dog has been sick since Monday.\nEva: Oh no, I hope he feels better soon. Did you see a vet?",
    "Sam: I got the job!\nKim: Congratulations! I knew you would. When do you start?",
    "Zoe: Thanks for the help yesterday.\nMax: No problem, I'm always happy to help a friend.",
    "Ian: We are planning a trip to the mountains in summer.\nAmy: Sounds fun. I would love to join you next time.",
    "Lea: What book are you reading now?\nJim: A novel about a family that moves to another country.",
    "Ben: I've been thinking about learning the guitar.\nAnn: You should! Music has always helped me to relax.",
    "Оля: Как прошла поездка?\nИгорь: Отлично, мы были на озере и жарили рыбу на костре.",
    "Маша: Я записалась на курсы рисования.\nПавел: Здорово! Я тоже давно хотел попробовать.",
    "Лев: Когда ты приедешь к нам в гости?\nАня: Наверное, в конце месяца, когда сдам экзамены.",
    "Нина: У сына вчера был день рождения.\nОлег: Поздравляю! Сколько ему исполнилось?",
    "Léa : Tu as passé de bonnes vacances ?\nHugo : Oui, on est allés à la mer avec les enfants.",
    "Paul : J'ai enfin trouvé un appartement.\nEmma : Bravo ! Il est dans quel quartier ?",
    "Zoé : Ma mère ne va pas très bien en ce moment.\nLuc : Je suis désolé. Dis-lui bonjour de ma part.",
    "Rémi : Qu'est-ce que tu prépares pour le dîner ?\nAnna : Une soupe de légumes et une tarte aux pommes.",
];
