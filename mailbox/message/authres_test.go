package message

import (
	"strings"
	"testing"
	"time"
)

// TestAuthenticated: genuine fields as servers write them count, and no words of the sender's in them do.
func TestAuthenticated(t *testing.T) {
	const mx = "mx.firm.example"
	for _, c := range []struct {
		name, results string
		want          Verdict
	}{
		{"dmarc", "mx.firm.example; dmarc=pass header.from=firm.example", Genuine},
		{"dmarc quoted", `mx.firm.example; dmarc=pass header.from="firm.example"`, Genuine},
		{"a semicolon in a comment", "mx.firm.example; dkim=pass (2048-bit key; unprotected) header.d=firm.example header.i=@firm.example header.b=Xh/3+a=", Genuine},
		{"a version behind a comment", "mx.firm.example (host) 1; dmarc=pass (p=none dis=none) header.from=firm.example", Genuine},
		{"a large provider", "mx.firm.example;\r\n       dkim=pass header.i=@firm.example header.s=s1 header.b=abc123;\r\n       spf=pass (x: domain of sam@firm.example designates 192.0.2.1 as permitted sender) smtp.mailfrom=sam@firm.example;\r\n       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=firm.example", Genuine},
		{"words without a type", "mx.firm.example; spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=firm.example; dkim=pass (signature was verified) header.d=firm.example;dmarc=pass action=none header.from=firm.example;compauth=pass reason=100", Genuine},
		{"policies", "mx.firm.example; dmarc=pass policy.published-domain-policy=none policy.applied-disposition=none header.from=firm.example; bimi=none (No BIMI records found)", Genuine},
		{"nested comments, method version, ending semicolon", `mx.firm.example ; dkim/1 = pass (a (b; dmarc=fail) c\) d) reason="good ; dmarc=fail" header.d = firm.example ;`, Genuine},
		{"a signer below the sender's domain", "mx.firm.example; dkim=pass header.d=mail.firm.example", Genuine},
		{"none", "mx.firm.example; none", Unjudged},
		{"another server", "mx.evil.example; dmarc=pass header.from=firm.example", Unjudged},
		{"another version", "mx.firm.example 2; dmarc=pass header.from=firm.example", Unjudged},
		{"dmarc without the domain", "mx.firm.example; dmarc=pass", Unjudged},
		{"dmarc of another domain", "mx.firm.example; dmarc=pass header.from=evil.example", Unjudged},
		{"dmarc of a domain below", "mx.firm.example; dmarc=pass header.from=evil.firm.example", Unjudged},
		{"an identity that ends the result", "mx.firm.example; dkim=pass (1024-bit key; unprotected) header.d=evil.example header.i=a; dmarc=pass x@evil.example", Unjudged},
		{"the same, longer", "mx.firm.example; dkim=pass header.d=evil.example header.i=a; dmarc=pass header.from=firm.example x@evil.example", Unjudged},
		{"a quoted identity", `mx.firm.example; dkim=pass header.d=evil.example header.i="x header.d=firm.example y"@evil.example`, Unjudged},
		{"an identity that isn't the signer's", "mx.firm.example; dkim=pass header.d=firm.example header.i=@evil.example", Unjudged},
		{"a domain said twice", "mx.firm.example; dkim=pass header.d=evil.example header.d=firm.example", Unjudged},
		{"a comment that ends nowhere", "mx.firm.example; dmarc=pass header.from=firm.example (", Unjudged},
		{"words in a comment", "mx.firm.example; spf=pass (dmarc=pass header.from=firm.example) smtp.mailfrom=evil.example", Unjudged},
		{"words in a reason", `mx.firm.example; dkim=pass reason="x; dmarc=pass header.from=firm.example" header.d=evil.example`, Unjudged},
		{"an envelope sender in quotes", `mx.firm.example; spf=pass smtp.mailfrom="x; dmarc=pass header.from=firm.example"@evil.example`, Unjudged},
		{"a failure beats a pass", "mx.firm.example; dkim=pass header.d=firm.example; dmarc=fail (p=none) header.from=firm.example", Refuted},
		{"a pass that was slipped in before the failure", "mx.firm.example; dkim=pass header.d=evil.example header.i=a@evil.example; dmarc=pass header.from=firm.example; dkim=pass header.i=@evil.example; dmarc=fail header.from=firm.example", Refuted},
		{"a failure", "mx.firm.example; dmarc=fail header.from=firm.example", Refuted},
	} {
		raw := "Authentication-Results: " + c.results + "\r\nFrom: Sam <sam@firm.example>\r\nMessage-ID: <1@x>\r\n\r\nx\r\n"
		if got := ReadHeader(ParsePart([]byte(raw)).Header, time.Time{}, 0).Verdict(mx); got != c.want {
			t.Errorf("%s: %v, want %v: %s", c.name, got, c.want, c.results)
		}
	}
}

// TestSignerWordsInResults: where a server copies a signer's words as they are, nothing in the result tells; the signature does.
func TestSignerWordsInResults(t *testing.T) {
	const field = "Authentication-Results: mx.firm.example; dkim=pass header.d=evil.example header.i=a@evil.example; dmarc=pass header.from=firm.example; dkim=pass header.i=@evil.example\r\n"
	for sig, want := range map[string]Verdict{
		"v=1; a=rsa-sha256; d=firm.example; s=s1;\r\n\ti=john_doe@firm.\r\n example; b=abc":                                                                     Genuine,
		"v=1; a=rsa-sha256; d=evil.example; i=a@evil.example=3B=20dmarc=3Dpass=20header.from=3Dfirm.example=3B=20dkim=3Dpass=20header.i=3D@evil.example; b=abc": Unjudged,
		"v=1; a=rsa-sha256; d=evil.example; i=\"x header.d=firm.example y\"@evil.example; b=abc":                                                                Unjudged,
	} {
		raw := field + "DKIM-Signature: " + sig + "\r\nFrom: Sam <sam@firm.example>\r\n\r\nx\r\n"
		if got := ReadHeader(ParsePart([]byte(raw)).Header, time.Time{}, 0).Verdict("mx.firm.example"); got != want {
			t.Errorf("%v, want %v: %s", got, want, sig)
		}
	}
	for _, from := range []string{"From: sam@firm.example, eve@evil.example\r\n", "From: sam@firm.example\r\nFrom: eve@evil.example\r\n"} {
		raw := "Authentication-Results: mx.firm.example; dmarc=pass header.from=firm.example\r\n" + from + "\r\nx\r\n"
		if ReadHeader(ParsePart([]byte(raw)).Header, time.Time{}, 0).Authenticated("mx.firm.example") {
			t.Errorf("believed with %q", from)
		}
	}
}

// FuzzAuthResults: a quoted string or comment never makes a result, and nothing crashes or grows.
func FuzzAuthResults(f *testing.F) {
	f.Add("a; dmarc=pass header.from=firm.example", "x")
	f.Add(`mx (c (d)) 1; dkim/1=pass reason="a;b" header.i="q"@x; none;`, `\"; dmarc=pass`)
	f.Fuzz(func(t *testing.T, field, words string) {
		if r, err := parseAuthResults(field); err == nil && len(r.results) > strings.Count(field, ";") {
			t.Errorf("%d results of %q", len(r.results), field)
		}
		quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(words)
		got, err := parseAuthResults(`mx; dkim=pass reason="` + quoted + `" header.d=evil.example`)
		if err != nil || len(got.results) != 1 || got.results[0].props["reason"] != words || got.results[0].props["header.d"] != "evil.example" {
			t.Errorf("%q as a reason: %+v %v", words, got, err)
		}
		comment := strings.NewReplacer(`\`, `\\`, `(`, `\(`, `)`, `\)`).Replace(words)
		if got, err := parseAuthResults("mx; dkim=pass (" + comment + ") header.d=evil.example"); err != nil || len(got.results) != 1 || len(got.results[0].props) != 1 {
			t.Errorf("%q as a comment: %+v %v", words, got, err)
		}
	})
}
