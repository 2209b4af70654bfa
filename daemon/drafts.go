package daemon

import (
	"context"
	"slices"
	"strings"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox"
)

// addDraft lays a letter into the folder of drafts, once.
func (r *runner) addDraft(ctx context.Context, o *desk.Outgoing) error {
	w, err := r.account()
	if err != nil {
		return err
	}
	again := o.Tries > 0
	if !again { // from now on an earlier try may have been broken off
		if err := r.changeLetter(ctx, o.ID, func(_ *store.Tx, _ desk.Env, o *desk.Outgoing) error { o.Tries = 1; return nil }); err != nil {
			return err
		}
	}
	folder, validity, uid, err := w.AddDraft(ctx, o.Data, r.clock(), again)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.log.Warn("a letter could not be laid into Drafts; it is tried again", "id", o.ID, "error", err)
		return r.laterDraft(ctx, o.ID, err)
	}
	return r.changeLetter(ctx, o.ID, func(_ *store.Tx, _ desk.Env, o *desk.Outgoing) error {
		o.Draft = desk.DraftMark{Folder: folder, Validity: validity, UID: uint32(uid)}
		if o.State == desk.OutDrafting {
			o.State = desk.OutDraft
		}
		o.Next, o.Error = time.Time{}, ""
		return nil
	})
}

// removeDraft takes a draft away that is still as it was written. One that the recruiter has changed is hers, and reported.
func (r *runner) removeDraft(ctx context.Context, o *desk.Outgoing) error {
	w, err := r.account()
	if err != nil {
		return err
	}
	if o.Draft.UID == 0 { // it was never laid there, or a try was broken off
		folder, err := w.Drafts(ctx)
		if err != nil {
			return r.laterDraft(ctx, o.ID, err)
		}
		mark := letterMark(r.key, r.name, o.ID)
		for _, d := range folder.Drafts {
			if d.Message.Header.Get(mailbox.LetterHeader) == mark {
				o.Draft = desk.DraftMark{Folder: folder.Name, Validity: folder.Validity, UID: uint32(d.UID)}
			}
		}
	}
	left := false
	if o.Draft.UID != 0 {
		removed, err := w.RemoveDraft(ctx, o.Draft.Folder, o.Draft.Validity, mailbox.IMAPUID(o.Draft.UID), letterMark(r.key, r.name, o.ID))
		if err != nil {
			return r.laterDraft(ctx, o.ID, err)
		}
		if !removed { // edited or deleted since it was looked at
			folder, err := w.Drafts(ctx)
			if err != nil {
				return r.laterDraft(ctx, o.ID, err)
			}
			now := *o
			now.State = desk.OutDraft
			r.judgeDraft(r.env(r.clock()), &now, &folder)
			left = now.State == desk.OutEdited
		}
	}
	return r.update(ctx, func(tx *store.Tx, _ desk.Env) error {
		o, err := tx.OutgoingByID(o.ID)
		if err != nil || o == nil {
			return err
		}
		if c, err := tx.Contact(o.Contact); c == nil && err == nil {
			return tx.DropOutgoing(o.ID) // forgotten meanwhile
		}
		if o.State != desk.OutWithdraw {
			return nil
		}
		if left {
			if err := tx.AddNews(desk.News{ID: "left-" + o.ID, Time: r.clock(), Kind: desk.NewsTrouble, Contact: o.Contact,
				Text: sayLetter(tx, o) + " is not to be sent any more (" + o.Why + "), but you have edited its draft: it still lies in Drafts. Delete it there."}); err != nil {
				return err
			}
		}
		o.State, o.Data = desk.OutCancelled, nil
		return tx.PutOutgoing(o)
	})
}

func (r *runner) laterDraft(ctx context.Context, id string, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return r.changeLetter(ctx, id, func(tx *store.Tx, env desk.Env, o *desk.Outgoing) error {
		o.Note(env.Now, cause.Error())
		o.Tries++
		o.Next, o.Error = env.Now.Add(5*time.Minute), cause.Error()
		if o.Tries != manyDraftTries {
			return nil
		}
		return tx.AddNews(desk.News{ID: "drafts-" + o.ID, Time: env.Now, Kind: desk.NewsTrouble, Contact: o.Contact,
			Text: sayLetter(tx, o) + " can't be brought into, or out of, your Drafts: " + clipText(o.Error, 200) + ". It is tried again every five minutes."})
	})
}

// manyDraftTries is after how many tries the recruiter is told that Drafts can't be reached: an hour.
const manyDraftTries = 12

// How often the folder of drafts is looked at, and for how long a draft that is gone may have been sent: some programs
// take it away before its copy is in Sent.
const (
	draftsEvery = time.Minute
	draftGrace  = 10 * time.Minute
)

// lookAtDrafts finds out what became of the drafts: changed, deleted, or still there. That one was sent the intake knows, from Sent.
func (r *runner) lookAtDrafts(ctx context.Context) error {
	now := r.clock()
	if gap := now.Sub(r.draftsLooked); gap >= 0 && gap < draftsEvery {
		return nil
	}
	w, err := r.account()
	if err != nil {
		return err
	}
	r.draftsLooked = now // also where it fails: once a minute is enough
	folder, err := w.Drafts(ctx)
	if err != nil {
		r.log.Warn("Drafts could not be looked at; it is tried again", "error", err)
		return nil
	}
	return r.update(ctx, func(tx *store.Tx, env desk.Env) error {
		all, err := tx.Letters("")
		if err != nil {
			return err
		}
		for i := range all {
			o := &all[i]
			if o.State != desk.OutDraft && o.State != desk.OutEdited {
				continue
			}
			was := *o
			r.judgeDraft(env, o, &folder)
			if o.State == was.State && o.Draft == was.Draft {
				continue
			}
			if err := tx.PutOutgoing(o); err != nil {
				return err
			}
		}
		return nil
	})
}

// judgeDraft compares a draft with the folder.
func (r *runner) judgeDraft(env desk.Env, o *desk.Outgoing, folder *mailbox.DraftsFolder) {
	mark := letterMark(r.key, r.name, o.ID)
	var exact, same, like *mailbox.Draft
	for i := range folder.Drafts {
		d := &folder.Drafts[i]
		switch {
		case d.Message.Header.Get(mailbox.LetterHeader) == mark && folder.Validity == o.Draft.Validity && uint32(d.UID) == o.Draft.UID:
			exact = d // messages don't change under their UID: it is as it was written
		case d.Message.Header.Get(mailbox.LetterHeader) == mark, d.Message.MessageID == o.MessageID:
			same = d
		case likeLetter(d.Message, o):
			like = d
		}
	}
	switch {
	case exact != nil:
		o.Draft.Gone = time.Time{}
	case same != nil && folder.Validity != o.Draft.Validity && o.State == desk.OutDraft: // the folder was numbered anew
		o.Draft = desk.DraftMark{Folder: folder.Name, Validity: folder.Validity, UID: uint32(same.UID)}
	case same != nil || like != nil:
		o.State = desk.OutEdited
		o.Draft.Gone = time.Time{}
	case o.Draft.Gone.IsZero():
		o.Draft.Gone = env.Now.UTC()
	case env.Now.Sub(o.Draft.Gone) >= draftGrace:
		o.State, o.Why, o.ByHand = desk.OutCancelled, "you deleted the draft", true
	}
}

// likeLetter reports whether a message without the letter's marks is it all the same: to the same person, and in its thread or under its subject.
func likeLetter(m *mailbox.Message, o *desk.Outgoing) bool {
	to := slices.ContainsFunc(m.To, func(a mailbox.Address) bool {
		return slices.ContainsFunc(o.To, func(x string) bool { return mailbox.Canonical(a.Addr) == mailbox.Canonical(x) })
	})
	return to && mailbox.BaseSubject(m.Subject) == mailbox.BaseSubject(o.Subject)
}

// sentLetter recognises a letter that the recruiter sent from her own program: by its own field or Message-ID, else by thread,
// recipient and likeness. It is told from the copy in Sent, and never sent by Fifthcall then.
// done is true where the touch has been logged already.
func (in *intake) sentLetter(m *mailbox.Message) (done bool, err error) {
	if !in.batch.Sent || !in.batch.Live {
		return false, nil
	}
	o, err := in.letterOf(m)
	if o == nil || err != nil {
		return false, err
	}
	switch o.State {
	case desk.OutDraft, desk.OutEdited, desk.OutDrafting, desk.OutApprove, desk.OutHeld, desk.OutQueued, desk.OutWithdraw, desk.OutCancelled, desk.OutDropped:
		o.State, o.SentAt, o.Data = desk.OutSent, m.Date.UTC(), nil
	case desk.OutUncertain, desk.OutData:
		o.State, o.Next = desk.OutAccepted, time.Time{}
	case desk.OutAccepted, desk.OutFiled: // the copy of one that Fifthcall sent, perhaps under another Message-ID
		done = true
	default:
		return false, nil
	}
	if m.MessageID != o.MessageID {
		o.SentAs = m.MessageID
	}
	return done, in.tx.PutOutgoing(o)
}

// letterOf is the letter that a message in Sent is, nil if it is none.
func (in *intake) letterOf(m *mailbox.Message) (*desk.Outgoing, error) {
	for _, mark := range []string{m.Header.Get(mailbox.LetterHeader), m.MessageID} {
		if id, ok := readLetterMark(in.r.key, in.r.name, mark); ok {
			return in.tx.OutgoingByID(id)
		}
	}
	for _, a := range m.To {
		c, err := in.tx.ContactByEmail(mailbox.Canonical(a.Addr))
		if err != nil {
			return nil, err
		}
		if c == nil {
			continue
		}
		all, err := in.tx.Letters(c.ID)
		if err != nil {
			return nil, err
		}
		for i := len(all) - 1; i >= 0; i-- {
			o := &all[i]
			if (o.State == desk.OutDraft || o.State == desk.OutEdited) && !m.Date.Before(o.Created.Add(-time.Minute)) && in.isLetter(m, o) {
				return o, nil
			}
		}
	}
	return nil, nil
}

// isLetter reports whether a message to the letter's recipient is it: under its subject with some of its words, or with most of
// its words under another. Without its text the subject has to do.
func (in *intake) isLetter(m *mailbox.Message, o *desk.Outgoing) bool {
	subject := likeLetter(m, o)
	if m.Body == nil || len(o.Data) == 0 {
		return subject
	}
	was, _ := mailbox.ParsePart(o.Data).Readable()
	now, _ := m.Body.Readable()
	share := likeness(was, now)
	return subject && share >= 0.3 || share >= 0.7
}

// likeness is the share of the letter's words that are in the other text.
func likeness(letter, text string) float64 {
	have := map[string]bool{}
	for _, w := range strings.Fields(strings.ToLower(text)) {
		have[w] = true
	}
	words := strings.Fields(strings.ToLower(letter))
	n := 0
	for _, w := range words {
		if have[w] {
			n++
		}
	}
	return float64(n) / float64(max(1, len(words)))
}
