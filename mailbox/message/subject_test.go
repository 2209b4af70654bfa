package message

import "testing"

func TestExternalMarks(t *testing.T) {
	for s, want := range map[string]string{
		"[EXTERNAL] Backend engineer": "Backend engineer", "Re: [EXTERNAL] Backend engineer": "Re: Backend engineer", "[EXTERNAL] Re: Backend": "Re: Backend", "EXTERNAL: Offer": "Offer",
		"[EXT] AW: [Extern] Stelle": "AW: Stelle", "*** External Email *** Offer": "Offer", "(Externe E-Mail) Angebot": "Angebot", "{External Sender} CV": "CV", "RE: EXT - Offer": "RE: Offer", "<EXTERNAL EMAIL> Hi": "Hi",
		"External recruiter wanted": "External recruiter wanted", "Extension of the contract": "Extension of the contract", "Next week": "Next week", "Re: External: who pays?": "Re: External: who pays?", "[Extra] hours": "[Extra] hours",
		"EXTRA: shift": "EXTRA: shift",
	} {
		if got := withoutExternalMark(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
