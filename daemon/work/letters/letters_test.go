package letters_test

import (
	"slices"
	"testing"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/book/booktest"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/work/letters"
)

// TestWrite holds what becomes of a letter: by its mode, what is known, and to whom it goes.
func TestWrite(t *testing.T) {
	type world struct {
		tx        *book.Tx
		candidate *desk.Contact
		iv        *desk.Interview
	}
	for name, c := range map[string]struct {
		mode    string
		letter  string
		change  func(w *world) error
		state   desk.OutgoingState // "" for no letter at all
		missing []desk.Fact
	}{
		"into Drafts":           {mode: "draft", state: desk.OutDrafting},
		"for her word":          {mode: "approve", state: desk.OutApprove},
		"by itself":             {mode: "auto", state: desk.OutQueued},
		"switched off":          {mode: "off"},
		"a genuine mail wanted": {mode: "auto", change: func(w *world) error { w.iv.Trusted = false; return nil }, state: desk.OutApprove},
		"a fact is missing": {mode: "auto", change: func(w *world) error { delete(w.iv.Facts, "link"); return nil }, state: desk.OutHeld,
			missing: []desk.Fact{"place"}},
		"do not contact": {mode: "auto", change: func(w *world) error {
			w.candidate.Status = desk.StatusDoNotContact
			return w.tx.PutContact(w.candidate)
		}},
		"unsubscribed": {mode: "auto", change: func(w *world) error { return w.tx.Suppress("kim@post.example", "unsubscribed") }},
		"works for a client": {mode: "auto", change: func(w *world) error {
			w.candidate.Emails = []string{"kim@globex.example"}
			return w.tx.PutContact(w.candidate)
		}, state: desk.OutHeld},
		"no letter of that name": {mode: "auto", letter: "no-such", state: desk.OutHeld},
	} {
		t.Run(name, func(t *testing.T) {
			d := booktest.Open(t, func(cfg *config.DeskConfig) { cfg.Letters.Mode = c.mode })
			d.Contact("jane@globex.example", func(c *desk.Contact) {
				c.Name, c.Company, c.Roles = "Jane Doe", "Globex", []desk.Role{desk.RoleDecisionMaker}
			})
			kim := d.Contact("kim@post.example", func(c *desk.Contact) { c.Name, c.Roles = "Kim May", []desk.Role{desk.RoleCandidate} })
			var got *desk.Outgoing
			d.Do(func(tx *book.Tx) (err error) {
				w := &world{tx, kim, &desk.Interview{
					ID: "i1", Candidate: kim.ID, Client: desk.ContactID("jane@globex.example"), Company: "Initech", Kind: desk.KindVideo, Trusted: true, Who: []desk.Interviewer{{Name: "Ann Bell"}},
					Start: d.Now.Add(72 * time.Hour), End: d.Now.Add(73 * time.Hour), Facts: map[string]string{"link": "https://meet.example/1"},
				}}
				if c.change != nil {
					if err := c.change(w); err != nil {
						return err
					}
				}
				if err := tx.PutInterview(w.iv); err != nil {
					return err
				}
				letter := c.letter
				if letter == "" {
					letter = "prep-video"
				}
				got, err = letters.Write(tx.Writer(), book.LetterRequest{Name: letter, Contact: w.candidate, Cause: desk.CauseOf("interview", "i1", letter), Interview: w.iv})
				return err
			})
			switch {
			case c.state == "" && got != nil:
				t.Errorf("written all the same: %s", got.State)
			case c.state != "" && got == nil:
				t.Error("not written")
			case got != nil && (got.State != c.state || !slices.Equal(got.Missing, c.missing)):
				t.Errorf("%s, missing %v: %s", got.State, got.Missing, got.Why)
			case got != nil && got.State == desk.OutHeld && got.Why == "" && len(got.Missing) == 0:
				t.Error("held, and nothing says why")
			}
		})
	}
}
