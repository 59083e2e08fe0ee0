//! A request body: a JSON object whose members are read one by one.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::{
    BadInput, EMAIL_CHARACTERS_MAX, ID_CHARACTERS_MAX, NAME_CHARACTERS_MAX, URL_CHARACTERS_MAX,
    and, free_form, is_longer,
};
use crate::domain::canonical::{NumberRefusal, Object, check_number};
use crate::domain::ids::{Form, Ref};
use crate::domain::links::is_web_url;

/// A JSON object as it was sent. Members that nobody asks for are ignored; `null` is the same as absent.
#[derive(Debug)]
pub struct Body<'a> {
    members: BTreeMap<String, &'a RawValue>,
}

impl<'a> Body<'a> {
    /// Reads a body.
    ///
    /// # Errors
    /// It is empty, not UTF-8, not JSON, or not an object.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, BadInput> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| BadInput::new("the body is not UTF-8: send JSON in UTF-8"))?;
        if text.trim().is_empty() {
            return Err(BadInput::new("the body is empty: send a JSON object"));
        }
        let value: &RawValue = serde_json::from_str(text).map_err(|error| {
            BadInput::new(format!(
                "the body is not valid JSON (line {}, column {})",
                error.line(),
                error.column()
            ))
        })?;
        Self::of(value, "the body")
    }

    fn of(value: &'a RawValue, what: &str) -> Result<Self, BadInput> {
        if !value.get().starts_with('{') {
            return Err(BadInput::new(format!("{what} must be a JSON object")));
        }
        let members = serde_json::from_str(value.get()).map_err(|_| {
            BadInput::new(format!("{what} has a member whose name is not valid text"))
        })?;
        Ok(Self { members })
    }

    /// Refuses a body that lacks one of these, or has it empty.
    pub(super) fn require(&self, fields: &[&str]) -> Result<(), BadInput> {
        let missing: Vec<_> = fields
            .iter()
            .copied()
            .filter(|field| self.member(field).is_none_or(|value| value.get() == "\"\""))
            .collect();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(BadInput::required(&missing))
        }
    }

    /// Text; absent and empty are the same.
    pub(super) fn text(
        &self,
        field: &str,
        characters_max: usize,
    ) -> Result<Option<String>, BadInput> {
        let Some(value) = self.member(field) else {
            return Ok(None);
        };
        if !value.get().starts_with('"') {
            return Err(BadInput::new(format!("{field} must be text")));
        }
        let text: String = serde_json::from_str(value.get()).map_err(|_| {
            BadInput::new(format!(
                "{field} is not valid text: it has half of a surrogate pair, which is no character"
            ))
        })?;
        if is_longer(&text, characters_max) {
            return Err(BadInput::too_long(field, characters_max));
        }
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// Text that must be there.
    pub(super) fn required_text(
        &self,
        field: &str,
        characters_max: usize,
    ) -> Result<String, BadInput> {
        self.text(field, characters_max)?
            .ok_or_else(|| BadInput::required(&[field]))
    }

    /// The name of a brand or product: more than white space, kept as it is sent.
    pub(super) fn name(&self) -> Result<String, BadInput> {
        let name = self.required_text("name", NAME_CHARACTERS_MAX)?;
        if name.trim().is_empty() {
            return Err(BadInput::new(
                "name is required: it has nothing but white space",
            ));
        }
        Ok(name)
    }

    /// An `http` or `https` URL.
    pub(super) fn url(&self, field: &str) -> Result<Option<String>, BadInput> {
        let url = self.text(field, URL_CHARACTERS_MAX)?;
        match url {
            Some(url) if !is_web_url(&url) => Err(BadInput::new(format!(
                "{field} must be an http or https URL"
            ))),
            url => Ok(url),
        }
    }

    /// An e-mail address.
    pub(super) fn email(&self) -> Result<Option<String>, BadInput> {
        let address = self.text("email", EMAIL_CHARACTERS_MAX)?;
        match address {
            Some(address) if !address.contains('@') => {
                Err(BadInput::new("email must be an address with an @"))
            }
            address => Ok(address),
        }
    }

    /// Ids in a list that must be there, from one to so many.
    pub(super) fn ids<T: Form>(&self, field: &str, max: usize) -> Result<Vec<Ref<T>>, BadInput> {
        let wrong = || BadInput::new(format!("{field} must be a list of 1 to {max} ids"));
        let value = self
            .member(field)
            .ok_or_else(|| BadInput::required(&[field]))?;
        let Ok(Value::Array(values)) = serde_json::from_str::<Value>(value.get()) else {
            return Err(wrong());
        };
        if values.is_empty() || values.len() > max {
            return Err(wrong());
        }
        let ids = values.iter().map(|value| {
            let text = value.as_str().ok_or_else(wrong)?;
            if is_longer(text, ID_CHARACTERS_MAX) {
                return Err(BadInput::too_long(field, ID_CHARACTERS_MAX));
            }
            Ok(T::parse(text).map_or(Ref::Unknown, Ref::Named))
        });
        ids.collect()
    }

    /// Objects in a list that must be there, from one to so many.
    pub(super) fn objects(&self, field: &str, max: usize) -> Result<Vec<Body<'a>>, BadInput> {
        let wrong = || BadInput::new(format!("{field} must be a list of 1 to {max} objects"));
        let value = self
            .member(field)
            .ok_or_else(|| BadInput::required(&[field]))?;
        let values: Vec<&'a RawValue> = serde_json::from_str(value.get()).map_err(|_| wrong())?;
        if values.is_empty() || values.len() > max {
            return Err(wrong());
        }
        let objects = values.into_iter().enumerate();
        objects
            .map(|(at, value)| Self::of(value, &format!("{field}[{at}]")))
            .collect()
    }

    /// Words in a list, each one of those that are known; none when there is no list.
    pub(super) fn words<'w>(
        &self,
        field: &str,
        known: &[&'w str],
    ) -> Result<Option<Vec<&'w str>>, BadInput> {
        let wrong = || {
            BadInput::new(format!(
                "{field} must be a list of one or more of {}",
                and(known, "and")
            ))
        };
        let Some(value) = self.member(field) else {
            return Ok(None);
        };
        let words: Vec<String> = serde_json::from_str(value.get()).map_err(|_| wrong())?;
        if words.is_empty() || words.len() > 2 * known.len() {
            return Err(wrong());
        }
        let mut found: Vec<&str> = Vec::new();
        for word in &words {
            let word = known
                .iter()
                .find(|known| *known == word)
                .ok_or_else(wrong)?;
            if !found.contains(word) {
                found.push(word);
            }
        }
        Ok(Some(found))
    }

    /// A whole number within bounds.
    pub(super) fn whole(
        &self,
        field: &str,
        default: u32,
        bounds: std::ops::RangeInclusive<u32>,
    ) -> Result<u32, BadInput> {
        let Some(value) = self.member(field) else {
            return Ok(default);
        };
        let number = value.get().parse().ok();
        number
            .filter(|number| bounds.contains(number))
            .ok_or_else(|| {
                let (from, to) = bounds.into_inner();
                BadInput::new(format!(
                    "{field} must be a whole number from {from} to {to}"
                ))
            })
    }

    /// A number as it will be hashed, if there is one.
    pub(super) fn amount(&self, field: &str) -> Result<Option<serde_json::Number>, BadInput> {
        let Some(value) = self.member(field) else {
            return Ok(None);
        };
        let wrong = || BadInput::new(format!("{field} must be a number"));
        let Ok(Value::Number(number)) = serde_json::from_str::<Value>(value.get()) else {
            return Err(wrong());
        };
        check_number(value.get()).map_err(|refusal| BadInput::new(format!("{field} {refusal}")))?;
        Ok(Some(number))
    }

    /// An id that must be there.
    pub(super) fn id<T: Form>(&self, field: &str) -> Result<Ref<T>, BadInput> {
        let text = self.required_text(field, ID_CHARACTERS_MAX)?;
        Ok(T::parse(&text).map_or(Ref::Unknown, Ref::Named))
    }

    /// A free-form object; absent is the empty one.
    pub(super) fn free_form(&self, field: &str) -> Result<Object, BadInput> {
        self.member(field)
            .map_or_else(|| Ok(Object::new()), |value| free_form::read(field, value))
    }

    /// An object with members of its own.
    pub(super) fn object(&self, field: &str) -> Result<Option<Body<'a>>, BadInput> {
        self.member(field)
            .map(|value| Body::of(value, field))
            .transpose()
    }

    /// A number within bounds that must be there.
    pub(super) fn number(&self, field: &str, of: &str, bound: f64) -> Result<f64, BadInput> {
        let wrong = || {
            BadInput::new(format!(
                "{of}.{field} must be a number from -{bound} to {bound}"
            ))
        };
        let value = self
            .member(field)
            .ok_or_else(|| BadInput::new(format!("{of}.{field} is required")))?;
        let number = match serde_json::from_str::<Value>(value.get()) {
            Ok(Value::Number(number)) => number.as_f64().ok_or_else(wrong)?,
            _ => return Err(wrong()),
        };
        if check_number(value.get()) == Err(NumberRefusal::OutOfRange)
            || !(-bound..=bound).contains(&number)
        {
            return Err(wrong());
        }
        Ok(number)
    }

    fn member(&self, field: &str) -> Option<&'a RawValue> {
        self.members
            .get(field)
            .copied()
            .filter(|value| value.get() != "null")
    }
}
