// Invented names of several manners. Given names are common words of a language; every surname and
// every company is made of syllables and stands for nobody.

/// A small generator of numbers that are the same for every run.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// From a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Below a bound.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 11) as usize % bound.max(1)
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

const CONSONANTS: &[&str] =
    &["B", "D", "F", "G", "H", "K", "L", "M", "N", "P", "R", "S", "T", "V", "Z"];
const VOWELS: &[&str] = &["a", "e", "i", "o", "u"];

struct Manner {
    given: &'static [&'static str],
    begin: &'static [&'static str],
    middle: &'static [&'static str],
    end: &'static [&'static str],
}

const WEST: Manner = Manner {
    given: &[
        "Anna", "Marie", "Lucas", "Emma", "Paul", "Julia", "Thomas", "Sarah", "Pierre", "Camille",
        "Hugo", "Laura", "David", "Sophie", "Martin", "Claire", "Jonas", "Elena", "Oliver",
        "Grace", "Henry", "Alice", "Felix", "Nora", "Simon", "Carla", "Bruno", "Ines", "Victor",
        "Louise", "Peter", "Mia", "Adam", "Eva", "Daniel", "Lena", "Marco", "Chiara", "Jack",
        "Ruby",
    ],
    begin: &[
        "Bal", "Cor", "Del", "Fern", "Gar", "Hol", "Kel", "Lam", "Mer", "Nor", "Pel", "Ros", "San",
        "Tor", "Val", "Wes", "Brun", "Chal", "Dour", "Grim", "Mont", "Stein", "Thorn", "Wal",
    ],
    middle: &["", "", "a", "e", "i", "o", "ber", "den", "fel", "len", "min", "ren", "tel", "ven"],
    end: &[
        "ard", "bach", "court", "dale", "eau", "ford", "gren", "hart", "ier", "kamp", "lin",
        "mann", "nell", "on", "rick", "sen", "ton", "ville", "well", "wood", "ez", "ini", "oni",
        "ley",
    ],
};

const SLAVIC: Manner = Manner {
    given: &[
        "Ivan",
        "Olga",
        "Sergei",
        "Natalia",
        "Dmitri",
        "Irina",
        "Alexei",
        "Tatiana",
        "Pavel",
        "Yelena",
        "Mikhail",
        "Svetlana",
        "Andrei",
        "Vera",
        "Nikolai",
        "Galina",
        "Anatoly",
        "Boris",
        "Denis",
        "Yevgeny",
        "Fyodor",
        "Grigory",
        "Igor",
        "Kirill",
        "Leonid",
        "Maxim",
        "Oleg",
        "Roman",
        "Stanislav",
        "Timur",
        "Vadim",
        "Vladimir",
        "Yuri",
        "Anastasia",
        "Daria",
        "Larisa",
        "Lyudmila",
        "Marina",
        "Nina",
        "Oksana",
        "Polina",
        "Raisa",
        "Tamara",
        "Ulyana",
        "Valentina",
    ],
    begin: &[
        "Bar", "Chern", "Dol", "Gor", "Kal", "Kras", "Lob", "Mol", "Nov", "Pol", "Rad", "Zhur",
    ],
    middle: &["a", "e", "in", "o", "ush", "ad", "ast", "ev"],
    end: &["chenko", "enko", "ev", "in", "kin", "nikov", "ov", "sky", "yev", "chuk", "ovich"],
};

const ARABIC: Manner = Manner {
    given: &[
        "Ahmed", "Fatima", "Hassan", "Leila", "Karim", "Amina", "Omar", "Salma", "Khalid", "Nadia",
        "Yusuf", "Mariam", "Ali", "Zainab", "Mohammed", "Huda", "Abdullah", "Bilal", "Faisal",
        "Hamza", "Ibrahim", "Jamal", "Mahmoud", "Mustafa", "Nabil", "Rashid", "Saeed", "Tariq",
        "Walid", "Ziad", "Aisha", "Dalal", "Farida", "Ghada", "Hanan", "Jamila", "Khadija",
        "Layal", "Maysa", "Noor", "Rania", "Samira", "Yasmin", "Zahra",
    ],
    begin: &[
        "Bash", "Darw", "Far", "Ghar", "Hab", "Jaf", "Kas", "Mans", "Naj", "Qas", "Raf", "Zub",
    ],
    middle: &["a", "i", "u", "aw", "ir", "al", "im"],
    end: &["awi", "ani", "din", "ib", "id", "im", "our", "rani", "shi", "zai", "bari", "mani"],
};

fn surname(manner: &Manner, dice: &mut Dice) -> String {
    let start = [dice.of(CONSONANTS), dice.of(VOWELS), dice.of(manner.begin)];
    let start = match dice.below(2) {
        0 => start[2].to_owned(),
        _ => format!("{}{}{}", start[0], start[1], start[2].to_lowercase()),
    };
    format!("{start}{}{}", dice.of(manner.middle), dice.of(manner.end))
}

fn person(manner: &Manner, dice: &mut Dice) -> String {
    let middle = match dice.below(3) {
        0 => format!("{} ", dice.of(manner.given)),
        _ => String::new(),
    };
    format!("{} {middle}{}", dice.of(manner.given), surname(manner, dice))
}

/// A person or company as customers are: most of western manner.
pub fn customer(dice: &mut Dice) -> String {
    match dice.below(20) {
        0..=13 => person(&WEST, dice),
        14..=15 => person(&SLAVIC, dice),
        16..=17 => person(&ARABIC, dice),
        _ => company(&WEST, dice),
    }
}

/// A name as lists have them: most of Slavic and Arabic manner, every fourth a company.
pub fn listed(dice: &mut Dice) -> String {
    match dice.below(20) {
        0..=5 => person(&SLAVIC, dice),
        6..=12 => format!("{} {}", person(&ARABIC, dice), surname(&ARABIC, dice)),
        13..=14 => person(&WEST, dice),
        15..=17 => company(&SLAVIC, dice),
        _ => company(&ARABIC, dice),
    }
}

fn company(manner: &Manner, dice: &mut Dice) -> String {
    let kind = dice.of(&["Trading", "Logistics", "Electronics", "Holding", "Import Export"]);
    let form = dice.of(&["LLC", "GmbH", "Ltd", "S.A.", "OOO"]);
    match dice.below(2) {
        0 => format!("{} {kind} {form}", surname(manner, dice)),
        _ => format!("{} & {} {form}", surname(manner, dice), surname(manner, dice)),
    }
}

/// A way in which a listed name comes back.
pub type Variant = (&'static str, fn(&str) -> Option<String>);

/// What a listed name may look like in a parcel.
pub const VARIANTS: [Variant; 7] = [
    ("as listed", |name| Some(name.to_owned())),
    ("words turned", |name| {
        let (first, rest) = name.split_once(' ')?;
        Some(format!("{rest}, {first}"))
    }),
    ("an initial", |name| {
        let (first, rest) = name.split_once(' ')?;
        of_person(name).then_some(format!("{}. {rest}", first.chars().next()?))
    }),
    ("a letter lost", |name| {
        let longest = name.split(' ').max_by_key(|word| word.len())?;
        let shorter = format!("{}{}", &longest[..longest.len() - 3], &longest[longest.len() - 2..]);
        Some(name.replace(longest, &shorter))
    }),
    ("two letters swapped", |name| {
        let longest = name.split(' ').max_by_key(|word| word.len())?;
        let mut letters: Vec<char> = longest.chars().collect();
        let at = letters.len() - 3;
        letters.swap(at, at - 1);
        Some(name.replace(longest, &letters.into_iter().collect::<String>()))
    }),
    ("w for v, f for ph, ck", |name| {
        let text = name.replace('v', "w").replace('k', "ck").replace("sh", "sch");
        (text != name).then_some(text)
    }),
    ("middle word left out", |name| {
        let words: Vec<&str> = name.split(' ').collect();
        (words.len() == 3 && of_person(name)).then(|| format!("{} {}", words[0], words[2]))
    }),
];

fn of_person(name: &str) -> bool {
    let company = ["LLC", "GmbH", "Ltd", "S.A.", "OOO"];
    !company.iter().any(|form| name.ends_with(form))
}
