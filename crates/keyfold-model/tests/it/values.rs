//! Values of every type that can stand in a key, hostile ones among them.

use jiff::civil::Date;
use keyfold_model::part::Encode;
use keyfold_model::{
    Hex16, Id, KeyPart, Modifier, PartError, PartSource, PartText, Shape, Timestamp, UlidFormat,
    UuidFormat, YearMonth,
};
use proptest::prelude::*;
use proptest::sample::select;

type IdUlid = Id<(), UlidFormat>;
type IdUuid = Id<(), UuidFormat>;
type IdHex = Id<(), Hex16>;

macro_rules! types {
    ($($name:ident($type:ty): $few:expr, $many:expr;)*) => {
        /// A value of one of the types.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Value {
            $($name($type),)*
        }

        /// The type of a field.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Type {
            $($name,)*
        }

        impl Type {
            pub const ALL: &'static [Type] = &[$(Type::$name,)*];

            pub fn shape(self) -> Shape<'static> {
                match self {
                    $(Type::$name => <$type as KeyPart>::SHAPE,)*
                }
            }

            pub fn decode(self, source: PartSource<'_>) -> Result<Value, PartError> {
                match self {
                    $(Type::$name => <$type as KeyPart>::decode(source).map(Value::$name),)*
                }
            }

            /// Few values, edges among them, so that keys of different templates meet.
            pub fn few(self) -> BoxedStrategy<Value> {
                match self {
                    $(Type::$name => ($few).prop_map(Value::$name).boxed(),)*
                }
            }

            pub fn any(self) -> BoxedStrategy<Value> {
                let many = match self {
                    $(Type::$name => ($many).prop_map(Value::$name).boxed(),)*
                };
                prop_oneof![self.few(), many].boxed()
            }
        }

        impl Encode for Value {
            fn encode_part(&self, out: &mut PartText<'_>) -> Result<(), PartError> {
                match self {
                    $(Value::$name(value) => value.encode(out),)*
                }
            }
        }
    };
}

macro_rules! few {
    ($type:ty) => {
        select(vec![<$type>::MIN, 0, 1, 2, 10, <$type>::MAX])
    };
}

types! {
    Text(String): select(FEW_TEXTS).prop_map(str::to_owned), hostile_text();
    U8(u8): few!(u8), any::<u8>();
    U16(u16): few!(u16), any::<u16>();
    U32(u32): few!(u32), any::<u32>();
    U64(u64): few!(u64), any::<u64>();
    I8(i8): few!(i8), any::<i8>();
    I16(i16): few!(i16), any::<i16>();
    I32(i32): few!(i32), any::<i32>();
    I64(i64): few!(i64), any::<i64>();
    Bool(bool): any::<bool>(), any::<bool>();
    Ulid(ulid::Ulid): few_bits().prop_map(Into::into), any::<u128>().prop_map(Into::into);
    Uuid(uuid::Uuid): few_bits().prop_map(uuid::Uuid::from_u128), any::<u128>().prop_map(uuid::Uuid::from_u128);
    IdUlid(IdUlid): few_bits().prop_map(Id::from_bits), any::<u128>().prop_map(Id::from_bits);
    IdUuid(IdUuid): few_bits().prop_map(Id::from_bits), any::<u128>().prop_map(Id::from_bits);
    IdHex(IdHex): few_bits().prop_map(Id::from_bits), any::<u128>().prop_map(Id::from_bits);
    Moment(Timestamp): few_moments(), moments();
    Date(Date): few_dates(), dates();
    Month(YearMonth): months(), months();
}

impl Type {
    /// Every way this type can be written.
    pub fn modifiers(self) -> Vec<Modifier> {
        [
            Modifier::None,
            Modifier::Desc,
            Modifier::Lower,
            Modifier::Raw,
            Modifier::Pad(3),
            Modifier::Pad(20),
            Modifier::Pad(38),
            Modifier::Year,
            Modifier::Month,
            Modifier::Day,
            Modifier::Hour,
        ]
        .into_iter()
        .filter(|modifier| self.shape().allows(*modifier))
        .collect()
    }
}

impl Value {
    pub fn encoded(&self, modifier: Modifier) -> Result<String, PartError> {
        let mut text = String::new();
        self.encode_part(&mut PartText::new(&mut text, modifier))?;
        Ok(text)
    }

    /// What a key keeps of the value, to compare by: buckets and folded text are equal where the
    /// values are not.
    pub fn kept(&self, modifier: Modifier) -> Value {
        match (self, modifier) {
            (Value::Text(text), Modifier::Lower) => Value::Text(folded(text)),
            (Value::Moment(_) | Value::Date(_), modifier) if modifier.loses() => {
                Value::Text(self.encoded(modifier).expect("a bucket of a valid moment"))
            }
            _ => self.clone(),
        }
    }
}

/// Lower case, one character at a time, with one small sigma.
pub fn folded(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ς' { 'σ' } else { c })
        .collect()
}

const FEW_TEXTS: &[&str] = &[
    "A",
    "B",
    "AB",
    "0",
    "1",
    "10",
    "00001",
    "META",
    "E",
    "EV",
    "ENT",
    "a",
    "é",
    "!",
    "$",
    "%",
    "#",
    "%23",
    "A#B",
    "A$",
    "A!",
    "A B",
    "F",
    "~",
    "\u{10FFFF}",
    "2026",
    "-",
];

const FRAGMENTS: &[&str] = &[
    "#",
    "##",
    "$",
    "%",
    "%%",
    "%23",
    "%25",
    "%2",
    "%+1",
    "%zz",
    "&",
    "'",
    " ",
    "!",
    "\"",
    "\0",
    "\u{1}",
    "\t",
    "\n",
    "\r\n",
    "\u{1f}",
    "\u{7f}",
    "\u{80}",
    "A",
    "a",
    "0",
    "~",
    "-",
    ":",
    "{",
    "}",
    "[#",
    "]",
    "é",
    "ß",
    "İ",
    "Σ",
    "ς",
    "σ",
    "Å",
    "e\u{301}",
    "\u{202e}",
    "\u{feff}",
    "\u{d7ff}",
    "\u{e000}",
    "\u{ffff}",
    "\u{10000}",
    "\u{10ffff}",
    "😀",
    "👩‍👩‍👧",
    "日本",
];

/// Text that looks like delimiters and escapes, controls, all of Unicode, and 1 KB of it.
pub fn hostile_text() -> impl Strategy<Value = String> {
    let fragments = || prop::collection::vec(select(FRAGMENTS), 1..7).prop_map(|f| f.concat());
    prop_oneof![
        4 => fragments(),
        2 => prop::collection::vec(any::<char>(), 1..6).prop_map(String::from_iter),
        1 => (fragments(), fragments()).prop_map(|(text, end)| {
            text.repeat(1_024_usize.div_ceil(text.len())) + &end
        }),
    ]
}

fn few_bits() -> impl Strategy<Value = u128> {
    select(vec![
        0,
        1,
        0x0a,
        u128::MAX,
        u128::MAX - 1,
        1 << 127,
        0x0198_0000_0000_7000_8000_0000_0000_0001,
    ])
}

pub fn few_moments() -> impl Strategy<Value = Timestamp> {
    let around = ["2026-03-01T09:30:00.000Z", "1970-01-01T00:00:00.000Z"]
        .map(|text| text.parse::<Timestamp>().expect("a moment"));
    let mut moments = vec![Timestamp::MIN, Timestamp::MIN.plus_ms(1)];
    moments.extend(
        around
            .iter()
            .flat_map(|at| [-1, 0, 1, 999, 86_400_000].map(|ms| at.plus_ms(ms))),
    );
    moments.extend([Timestamp::MAX.plus_ms(-1), Timestamp::MAX]);
    select(moments)
}

pub fn moments() -> impl Strategy<Value = Timestamp> {
    (Timestamp::MIN.as_millisecond()..=Timestamp::MAX.as_millisecond())
        .prop_map(|ms| Timestamp::from_millisecond(ms).expect("within the range"))
}

fn few_dates() -> impl Strategy<Value = Date> {
    select(vec![
        jiff::civil::date(0, 1, 1),
        jiff::civil::date(0, 2, 29),
        jiff::civil::date(1969, 12, 31),
        jiff::civil::date(2026, 2, 28),
        jiff::civil::date(2026, 3, 1),
        jiff::civil::date(9999, 12, 31),
    ])
}

fn dates() -> impl Strategy<Value = Date> {
    (0_i16..=9_999, 1_i8..=12, 1_i8..=28).prop_map(|(y, m, d)| jiff::civil::date(y, m, d))
}

fn months() -> impl Strategy<Value = YearMonth> {
    (
        prop_oneof![Just(0_i16), Just(9_999), 0_i16..=9_999, 2025_i16..2027],
        1_i8..=12,
    )
        .prop_map(|(year, month)| YearMonth { year, month })
}
