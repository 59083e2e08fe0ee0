//! Query parameters.

use percent_encoding::percent_decode_str;

use super::{BadInput, CODE_CHARACTERS_MAX, CURSOR_CHARACTERS_MAX, ID_CHARACTERS_MAX, is_longer};
use crate::domain::ids::{Form, Ref};

/// The parameters of a request; of several with one name the first counts. An empty one is the same as none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Reads what stands after the `?`: `application/x-www-form-urlencoded`, malformed bytes replaced as browsers replace them.
    pub fn parse(raw: &str) -> Self {
        let decode = |text: &str| {
            percent_decode_str(&text.replace('+', " "))
                .decode_utf8_lossy()
                .into_owned()
        };
        let pairs = raw.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        Self {
            pairs: pairs.collect(),
        }
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.sent(name).filter(|value| !value.is_empty())
    }

    /// An id that must be there.
    pub(super) fn id<T: Form>(&self, name: &str) -> Result<Ref<T>, BadInput> {
        self.optional_id(name)?
            .ok_or_else(|| BadInput::required(&[name]))
    }

    pub(super) fn optional_id<T: Form>(&self, name: &str) -> Result<Option<Ref<T>>, BadInput> {
        self.named(name, ID_CHARACTERS_MAX)
    }

    pub(super) fn optional_code<T: Form>(&self, name: &str) -> Result<Option<Ref<T>>, BadInput> {
        self.named(name, CODE_CHARACTERS_MAX)
    }

    /// How many entries are wanted, never more than `max`.
    pub(super) fn limit(&self, default: u32, max: u32) -> Result<u32, BadInput> {
        self.count("limit", default, max)
    }

    /// A whole number from 1 on; what is above `max` is `max`.
    pub(super) fn count(&self, name: &str, default: u32, max: u32) -> Result<u32, BadInput> {
        let Some(text) = self.sent(name) else {
            return Ok(default);
        };
        let wrong = || BadInput::new(format!("{name} must be a whole number from 1 to {max}"));
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        // Only digits, so it fails to parse only by being above every maximum.
        match text.parse::<u32>() {
            Ok(0) => Err(wrong()),
            Ok(limit) => Ok(limit.min(max)),
            Err(_) => Ok(max),
        }
    }

    /// Where the page before ended. What it says is checked by those who made it.
    pub(super) fn cursor(&self) -> Result<Option<String>, BadInput> {
        match self.get("cursor") {
            Some(cursor) if is_longer(cursor, CURSOR_CHARACTERS_MAX) => Err(BadInput::new(
                "cursor is not one that was given out: pass nextCursor as it is",
            )),
            cursor => Ok(cursor.map(str::to_owned)),
        }
    }

    fn named<T: Form>(
        &self,
        name: &str,
        characters_max: usize,
    ) -> Result<Option<Ref<T>>, BadInput> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        if is_longer(text, characters_max) {
            return Err(BadInput::too_long(name, characters_max));
        }
        Ok(Some(T::parse(text).map_or(Ref::Unknown, Ref::Named)))
    }

    fn sent(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }
}
