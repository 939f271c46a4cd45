//! Words that everybody says: what repeats them repeats nobody.

/// Ordinary words of English, French and Russian, as they are written; compare their stems.
///
/// The list is short on purpose. A word that is missing here costs a reply of the bot that need not have gone; one that
/// should not be here would let a secret stay.
pub const ORDINARY: &str = "
able accept actually add advice after afternoon again age ago agree all almost alone already also although always
another answer anybody anyone anything anyway apart appear apply around arrive ask away back bad basically beautiful
because become before begin behind believe belong below best better between big bit black blue both bottom break bring
build busy call care carry case catch certain certainly chance change check choose clean clear close come common
complete consider continue cook correct cost country course cross cut day dear decide deep detail different difficult
directly down draw dream drive drop dry during each early easy eat eight either eleven else empty end english enough
enter especially evening ever every everybody everyone everything exact exactly example except expect explain extra fact
fall far fast favorite favourite feel few fifteen fifty fill finally find fine finish first five follow forget form
forty forward four free french fresh friday friend front full fun funny future general get give glad go good goodbye
great green ground group grow guess half hand happen happy hard hear hello help here hi high hold holiday hope hour
however hundred idea important include indeed information instead interest interesting january february march april june
july august september october november december join just keep key kind know language large last late later laugh learn
least leave left less let letter life light like line list listen little live long look lose lot low main make many mark
matter may maybe mean meet memory mention message middle might million mind mine minute miss moment monday month more
morning most mouth move much must myself name near nearly need never new news next nice night nine nobody none normal
note nothing notice now number often old once one only open opinion order other otherwise outside over own page part
pass past people perhaps person phone pick picture piece place plan play please plenty point possible prefer prepare
present pretty probably problem promise provide pull push put question quick quickly quiet quite rather reach read ready
real really reason receive recent recommend red regular remember remind repeat reply rest result return right room round
run russian safe same saturday save say second see seem send sentence seven several shall share short show shut side
simple simply since sing sit six sixty size sleep slow small smile someone something sometimes soon sorry sort sound
speak special spend spring stand start state stay step still stop store story strong study stuff subject such suddenly
suggest summer sunday suppose sure surprise sweet take talk teach tell ten thank thanks themselves thing think third
thirty thousand three through thursday ticket time today together tomorrow tonight top total touch trip true try tuesday
turn twelve twenty twice two under understand until update use useful usual usually very wait wake walk want warm wash
watch way weather wednesday week weekend well wet whatever whether while white whole whose wide win winter wish with
within without wonder wonderful word world worry worth write wrong year yellow yes yesterday yet yourself zero accord
agir ailleurs aimer ainsi ajouter aller alors année annee août aout appeler apprendre après apres arriver assez attendre
attention aucun aujourd hui auparavant aussi autant autour autre autrement avant avoir avril bas beau beaucoup belle
besoin bien bientôt bientot blanc blanche bleu boire bon bonjour bonne bonsoir bout brun cause celle celles celui cent
certainement certes chacun changer chaque chaud chemin cher chercher chez choisir chose ciel cinq clair combien
commencer compter compte comprendre conseil content continuer contre côté cote coup couleur cours court croire dans date
début debut décembre decembre décider dedans dehors déjà deja demain demander demi depuis dernier dernière derrière
descendre dessous dessus deux devant devenir devoir difficile dimanche dire discussion dix donc donner dormir doute doux
douze droit droite durant eau écouter écrire effet encore endroit enfin ensemble ensuite entendre entre entrer environ
envoyer été ete être etre eux exactement exemple expliquer facile façon faim faire falloir fermer février fevrier fin
finir fois forme fort froid garder gauche général gens grand grande gros groupe haut heure heureux hier homme huit ici
idée il impossible jamais janvier jaune jeudi jeune joie joli jouer jour journée juillet juin jusque juste laisser
langue lentement lequel lettre lever lieu lire livre loin longtemps lorsque lourd lumière lundi maintenant mai mais
manger manière marcher mardi mars matin mauvais meilleur même memoire mémoire merci mercredi mettre mieux milieu mille
moins mois moitié monde montrer mot moyen naître neuf noir nom nombre nombreux noter novembre nouveau nouvelle nuit
numéro octobre oncle onze oublier ouvrir parce pardon pareil parfois parler parmi partie partir partout pas passé passer
pays peine pendant penser perdre permettre personne petit petite peut peux phrase plaire plaisir plein plus plusieurs
plutôt porter poser pourquoi pourtant pouvoir préférer premier première prendre près présent presque prêt prier
printemps problème prochain promettre propos propre puis puisque quarante quart quatre quelque quelqu quinze quitter
raison rappeler recevoir regarder rencontrer rendre rentrer répondre réponse rester retour retourner retrouver réveiller
revenir rêve rien rire rouge russe sable sac saison samedi sans savoir semaine sembler sens sentir sept septembre servir
seul seulement si soir soixante somme sortir soudain souhaiter souvenir souvent sucre suite suivre sujet sur sûr tard
temps tenir terminer tomber tôt toujours tour tourner tout toute tous toutes traverser trente très triste trois trop
trouver utile valoir vendredi venir vert vers veut veux vie vingt visite vite vivre voici voilà voir voix vouloir vrai
vraiment zéro август апрель бег белый бить близко ближе больше большой бояться брать будет будто будущее будущий бывать
быстро важно важный вверх вдруг ведь везде век великий верить вернуться верно верх весело весна вести весь ветер вечер
вещь взгляд взять вид видеть видно вкусно вместе вместо вниз внимание возможно возле вокруг вообще вопрос восемь
воскресенье вот впрочем время всегда вспомнить встать встретить встреча вторник второй выбрать выглядеть выйти высокий
выходить где глава говорить год голос готов готовить группа гулять давай давать давно даже далеко далее данные дать два
двадцать двенадцать девушка девять действительно декабрь делать дело день держать десять детский дешёвый длинный
добавить добрый довольно договориться дождь долго должен дома домой дорогой достать другой думать единственный ехать
есть ждать желание желтый живой жизнь завтра завтрак задача закончить закрыть замечательно записать запомнить зачем
звать звонить здесь здоровье здравствуйте зелёный земля зима знать значит играть идея идти известно изменить именно
иметь имя иногда иначе интересно интересный искать использовать история июль июнь каждый казаться какой какая какие
когда конец конечно короткий короче который красивый красный кроме круглый кто куда курс лежать летом ли лишь ложиться
лучше лучший любой люди маленький мало март май между менее меньше место месяц милый мимо минута мир много множество
может можно молодой мочь мысль навсегда надеяться надо назад название называть наконец написать например народ настоящий
находить находиться начало начать небольшой неделя недавно нельзя немного необходимо неплохо несколько никогда никто
ничего новый новость номер ноль нормально ноябрь нравиться нужно нужен обещать обычно обычный один одиннадцать однажды
однако одинаковый октябрь около опять осень особенно остаться ответ ответить отдать открыть откуда отлично отпуск очень
ошибка память первый перед передать перейти пережить петь писать пить план плохо плохой победа повторить погода под
подарок подождать подумать поехать пожалуйста позвонить поздно познакомиться пойти пока показать пол половина получить
получиться помнить помогать помощь помочь понедельник понимать понять понятно попробовать попросить пора порядок
посидеть послать после последний посмотреть поставить постоянно потому потом почему почти поэтому правда правильно право
предложить прежде прекрасно привет привычка приехать приезжать пример примерно принести принять приходить прийти причина
приятно проблема провести продолжать просить просто против прошлый прямо пусть путь пятнадцать пятница пять рад радость
раз разве разговор размер разный рано раньше рассказать рассказывать расти ребенок ребёнок решение решить рис родной
русский рядом садиться сам самый свет свободный свой сделать себя сегодня сейчас семь сентябрь середина серый сидеть
сила сильно синий сказать скоро сколько скучно слишком слово случай случиться слушать слышать смешной смотреть смочь
снова собираться совет советовать совсем согласен сон сообщение сорок спасибо спать спокойно спросить спрашивать сразу
среда средний срок стало станция стараться старый стать стоить столько сторона стоять страшно строить суббота считать
съесть сюда таблица также такой там твой температура теперь теплый тихо тогда точка точно третий три тридцать трудно
туда тут тысяча тяжелый убрать уверен увидеть угол удобно удовольствие уехать узнать уйти улыбка уметь умный успеть
устать утро утром ухо учить учиться февраль фраза французский хватать ходить холодно холодный хороший хорошо хотеть хотя
цвет целый цена центр час часто часть чей через черный честно четверг четыре число читать чтобы чувство чувствовать чуть
шаг шесть шутка ясно январь язык
";
