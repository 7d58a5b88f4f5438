//! Expressions of the standard, `${...}` (OpenSCENARIO XML 1.1 and later, "Expressions"): numbers, Booleans, strings,
//! parameters, arithmetic, comparison, `and`, `or`, `not` and functions.

use super::limits;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `true` or `false`.
    Boolean(bool),
    /// Any number.
    Number(f64),
    /// Anything else.
    Text(String),
}

impl Value {
    /// The value of a text: a number or a Boolean where it is one.
    #[must_use]
    pub fn of(text: &str) -> Self {
        match text.trim() {
            "true" => Value::Boolean(true),
            "false" => Value::Boolean(false),
            t => t.parse().map_or_else(|_| Value::Text(text.into()), Value::Number),
        }
    }

    /// As it would be written in an attribute.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Value::Boolean(b) => b.to_string(),
            Value::Number(n) => n.to_string(),
            Value::Text(t) => t.clone(),
        }
    }
}

/// Evaluates what stands between `${` and `}`; `lookup` knows the parameters.
///
/// # Errors
/// A sentence about the first thing that is wrong.
pub fn evaluate(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Value, String> {
    if text.len() > limits::EXPRESSION {
        return Err(format!("the expression is longer than {} characters", limits::EXPRESSION));
    }
    let mut parser = Parser { words: words(text)?, at: 0, depth: 0, lookup };
    let value = parser.either()?;
    match parser.words.get(parser.at) {
        None => Ok(value),
        Some(word) => Err(format!("unexpected {word:?} after the expression")),
    }
}

fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let chars: Vec<char> = text.chars().collect();
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        let from = i;
        i += 1;
        if c.is_whitespace() {
            continue;
        } else if c.is_ascii_digit() || c == '.' {
            while i < chars.len()
                && (chars[i].is_ascii_alphanumeric()
                    || chars[i] == '.'
                    || (matches!(chars[i], '+' | '-') && matches!(chars[i - 1], 'e' | 'E')))
            {
                i += 1;
            }
        } else if c.is_alphabetic() || c == '$' || c == '_' {
            while i < chars.len() && (chars[i].is_alphanumeric() || chars[i] == '_') {
                i += 1;
            }
        } else if c == '"' || c == '\'' {
            while i < chars.len() && chars[i] != c {
                i += 1;
            }
            if i == chars.len() {
                return Err("a string without its closing quote".into());
            }
            i += 1;
        } else if matches!(c, '<' | '>' | '=' | '!') && chars.get(i) == Some(&'=') {
            i += 1;
        } else if !"+-*/%(),<>".contains(c) {
            return Err(format!("{c:?} is no sign of an expression"));
        }
        words.push(chars[from..i].iter().collect());
    }
    Ok(words)
}

struct Parser<'a> {
    words: Vec<String>,
    at: usize,
    depth: usize,
    lookup: &'a dyn Fn(&str) -> Option<String>,
}

impl Parser<'_> {
    fn take(&mut self, wanted: &[&str]) -> Option<String> {
        let word = self.words.get(self.at).filter(|w| wanted.contains(&w.as_str()))?.clone();
        self.at += 1;
        Some(word)
    }

    fn either(&mut self) -> Result<Value, String> {
        self.depth += 1;
        if self.depth > limits::EXPRESSION_DEPTH {
            return Err(format!("the expression is nested deeper than {}", limits::EXPRESSION_DEPTH));
        }
        let mut left = self.both()?;
        while self.take(&["or"]).is_some() {
            let right = self.both()?;
            left = Value::Boolean(truth(&left)? | truth(&right)?);
        }
        self.depth -= 1;
        Ok(left)
    }

    fn both(&mut self) -> Result<Value, String> {
        let mut left = self.equal()?;
        while self.take(&["and"]).is_some() {
            let right = self.equal()?;
            left = Value::Boolean(truth(&left)? & truth(&right)?);
        }
        Ok(left)
    }

    fn equal(&mut self) -> Result<Value, String> {
        let mut left = self.compared()?;
        while let Some(sign) = self.take(&["==", "!="]) {
            let right = self.compared()?;
            left = Value::Boolean((left == right) == (sign == "=="));
        }
        Ok(left)
    }

    fn compared(&mut self) -> Result<Value, String> {
        let mut left = self.sum()?;
        while let Some(sign) = self.take(&["<", "<=", ">", ">="]) {
            let (a, b) = (number(&left)?, number(&self.sum()?)?);
            left = Value::Boolean(match sign.as_str() {
                "<" => a < b,
                "<=" => a <= b,
                ">" => a > b,
                _ => a >= b,
            });
        }
        Ok(left)
    }

    fn sum(&mut self) -> Result<Value, String> {
        let mut left = self.product()?;
        while let Some(sign) = self.take(&["+", "-"]) {
            let right = self.product()?;
            if sign == "+" && matches!((&left, &right), (Value::Text(_), _) | (_, Value::Text(_))) {
                left = Value::Text(left.text() + &right.text());
                continue;
            }
            let (a, b) = (number(&left)?, number(&right)?);
            left = Value::Number(if sign == "+" { a + b } else { a - b });
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Value, String> {
        let mut left = self.sign()?;
        while let Some(sign) = self.take(&["*", "/", "%"]) {
            let (a, b) = (number(&left)?, number(&self.sign()?)?);
            if sign != "*" && b == 0.0 {
                return Err("division by 0".into());
            }
            left = Value::Number(match sign.as_str() {
                "*" => a * b,
                "/" => a / b,
                _ => a % b,
            });
        }
        Ok(left)
    }

    fn sign(&mut self) -> Result<Value, String> {
        self.depth += 1;
        if self.depth > limits::EXPRESSION_DEPTH {
            return Err(format!("the expression is nested deeper than {}", limits::EXPRESSION_DEPTH));
        }
        let value = match self.take(&["-", "+", "not"]).as_deref() {
            Some("not") => Value::Boolean(!truth(&self.sign()?)?),
            Some("-") => Value::Number(-number(&self.sign()?)?),
            Some(_) => Value::Number(number(&self.sign()?)?),
            None => self.atom()?,
        };
        self.depth -= 1;
        Ok(value)
    }

    fn atom(&mut self) -> Result<Value, String> {
        let word = self.words.get(self.at).cloned().ok_or("the expression stops too early")?;
        self.at += 1;
        if word == "(" {
            let value = self.either()?;
            return self.take(&[")"]).map(|_| value).ok_or_else(|| "a ( without its )".into());
        }
        if let Some(name) = word.strip_prefix('$') {
            let found = (self.lookup)(name).ok_or_else(|| format!("no parameter is called ${name} here"))?;
            return Ok(Value::of(&found));
        }
        if word.starts_with(['"', '\'']) {
            return Ok(Value::Text(word[1..word.len() - 1].into()));
        }
        if self.take(&["("]).is_some() {
            return self.call(&word);
        }
        match Value::of(&word) {
            Value::Text(name) if name == "pi" => Ok(Value::Number(std::f64::consts::PI)),
            Value::Text(name) if name == "e" => Ok(Value::Number(std::f64::consts::E)),
            // A bare word is a text: authors glue names together with +.
            value if word.starts_with(|c: char| c.is_alphabetic() || c == '_') => Ok(value),
            Value::Text(_) => Err(format!("{word:?} is no number, parameter or function")),
            value => Ok(value),
        }
    }

    fn call(&mut self, name: &str) -> Result<Value, String> {
        let mut given = Vec::new();
        while self.take(&[")"]).is_none() {
            given.push(number(&self.either()?)?);
            if self.take(&[","]).is_none() && self.words.get(self.at).is_none_or(|w| w != ")") {
                return Err(format!("{name}( without its )"));
            }
        }
        let value = match (name, given.as_slice()) {
            ("round", [a]) => a.round(),
            ("floor", [a]) => a.floor(),
            ("ceil", [a]) => a.ceil(),
            ("sqrt", [a]) if *a >= 0.0 => a.sqrt(),
            ("abs", [a]) => a.abs(),
            ("sign", [a]) => f64::from(i8::from(*a > 0.0) - i8::from(*a < 0.0)),
            ("sin", [a]) => a.sin(),
            ("cos", [a]) => a.cos(),
            ("tan", [a]) => a.tan(),
            ("asin", [a]) => a.asin(),
            ("acos", [a]) => a.acos(),
            ("atan", [a]) => a.atan(),
            ("pow", [a, b]) => a.powf(*b),
            ("min", [a, b]) => a.min(*b),
            ("max", [a, b]) => a.max(*b),
            _ => return Err(format!("{name} of {} values is no function of the standard", given.len())),
        };
        if value.is_finite() { Ok(Value::Number(value)) } else { Err(format!("{name} has no value there")) }
    }
}

fn number(value: &Value) -> Result<f64, String> {
    match value {
        Value::Number(n) => Ok(*n),
        other => Err(format!("{:?} is no number", other.text())),
    }
}

fn truth(value: &Value) -> Result<bool, String> {
    match value {
        Value::Boolean(b) => Ok(*b),
        Value::Number(n) if *n == 0.0 || *n == 1.0 => Ok(*n == 1.0),
        other => Err(format!("{:?} is neither true nor false", other.text())),
    }
}

/// Texts joined by `+`, at least one of them a parameter that is no number; `None`: it is nothing of the kind.
pub fn joined(text: &str, parameter: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let (mut whole, mut any) = (String::new(), false);
    for piece in text.split('+').map(str::trim) {
        match piece.strip_prefix('$') {
            Some(name) => {
                let value = parameter(name)?;
                any |= !matches!(Value::of(&value), Value::Number(_));
                whole += &value;
            }
            None if !piece.is_empty() && piece.chars().all(|c| c.is_alphanumeric() || " _-.".contains(c)) => {
                whole += piece
            }
            None => return None,
        }
    }
    (any && text.contains('+')).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eval(text: &str) -> Result<Value, String> {
        evaluate(text, &|name| match name {
            "speed" => Some("50".into()),
            "on" => Some("true".into()),
            "name" => Some("Ego".into()),
            _ => None,
        })
    }

    #[test]
    fn arithmetic_keeps_its_precedence() {
        assert_eq!(eval("1 + 2 * 3 - -4"), Ok(Value::Number(11.0)));
        assert_eq!(eval("($speed / 3.6) * 3.6"), Ok(Value::Number(50.0)));
        assert_eq!(eval("7 % 4 + pow(2, 3) + max(1, min(5, 2)) + sign(-3)"), Ok(Value::Number(12.0)));
        assert_eq!(eval("round(2.5) + floor(-0.5) + ceil(0.2) + sqrt(9) + abs(-1)"), Ok(Value::Number(7.0)));
        assert_eq!(eval("1.5e-3*2"), Ok(Value::Number(3e-3)));
    }

    #[test]
    fn logic_and_comparison_give_booleans() {
        assert_eq!(eval("$on and not ($speed > 60)"), Ok(Value::Boolean(true)));
        assert_eq!(eval("$speed == 50 or false"), Ok(Value::Boolean(true)));
        assert_eq!(eval("$name == \"Ego\""), Ok(Value::Boolean(true)));
        assert_eq!(eval("$name != 'Ego'"), Ok(Value::Boolean(false)));
        assert_eq!(eval("Brake + _ + $speed"), Ok(Value::Text("Brake_50".into())));
    }

    #[test]
    fn bad_expressions_say_what_is_wrong() {
        for (text, said) in [
            ("1 +", "too early"),
            ("$missing", "$missing"),
            ("1 / 0", "division"),
            ("foo(1)", "foo"),
            ("(1", "without its )"),
            ("1 2", "unexpected"),
            ("'a", "quote"),
            ("\"a\" * 1", "no number"),
            ("word / 2", "no number"),
            ("sqrt(-1)", "sqrt"),
            ("1 ; 2", "no sign"),
        ] {
            let error = eval(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
        assert!(eval(&"(".repeat(4000)).unwrap_err().contains("deeper"));
        assert!(eval(&"-".repeat(4000)).unwrap_err().contains("deeper"));
        assert!(eval(&"1".repeat(5000)).unwrap_err().contains("longer"));
    }

    #[test]
    fn texts_are_joined_when_one_is_a_parameter() {
        let parameter = |name: &str| Some(if name == "who" { "Target" } else { "2" }.to_owned());
        assert_eq!(joined("$who + cuts in", &parameter).as_deref(), Some("Targetcuts in"));
        assert_eq!(joined("$n + 1", &parameter), None);
        assert_eq!(joined("$who", &parameter), None);
        assert_eq!(joined("$who + (1", &parameter), None);
    }
}
