package outbox

import (
	"context"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/door/watch"
	"fifthcall/daemon/seal"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/letters"
	"fifthcall/mailbox"
	"fifthcall/mailbox/message"
)

// addDraft lays a letter into the folder of drafts, once.
func addDraft(ctx context.Context, r *book.Runner, o *desk.Outgoing) error {
	w, err := watch.Account(r)
	if err != nil {
		return err
	}
	again := o.Tries > 0
	if !again { // from now on an earlier try may have been broken off
		if err := ChangeLetter(ctx, r, o.ID, func(_ *store.Tx, _ desk.Env, o *desk.Outgoing) error { o.Tries = 1; return nil }); err != nil {
			return err
		}
	}
	folder, validity, uid, err := w.AddDraft(ctx, o.Data, r.Clock(), again)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.Log.Warn("a letter could not be laid into Drafts; it is tried again", "id", o.ID, "error", err)
		return laterDraft(ctx, r, o.ID, err)
	}
	return ChangeLetter(ctx, r, o.ID, func(_ *store.Tx, _ desk.Env, o *desk.Outgoing) error {
		o.Draft = desk.DraftMark{Folder: folder, Validity: validity, UID: uint32(uid)}
		if o.State == desk.OutDrafting {
			o.State = desk.OutDraft
		}
		o.Next, o.Error = time.Time{}, ""
		return nil
	})
}

// removeDraft takes a draft away that is still as it was written. One that the recruiter has changed is hers, and reported.
func removeDraft(ctx context.Context, r *book.Runner, o *desk.Outgoing) error {
	w, err := watch.Account(r)
	if err != nil {
		return err
	}
	if o.Draft.UID == 0 { // it was never laid there, or a try was broken off
		folder, err := w.Drafts(ctx)
		if err != nil {
			return laterDraft(ctx, r, o.ID, err)
		}
		mark := seal.LetterMark(r.Key, r.Name, o.ID)
		for _, d := range folder.Drafts {
			if d.Message.Header.Get(mailbox.LetterHeader) == mark {
				o.Draft = desk.DraftMark{Folder: folder.Name, Validity: folder.Validity, UID: uint32(d.UID)}
			}
		}
	}
	left := false
	if o.Draft.UID != 0 {
		removed, err := w.RemoveDraft(ctx, o.Draft.Folder, o.Draft.Validity, message.IMAPUID(o.Draft.UID), seal.LetterMark(r.Key, r.Name, o.ID))
		if err != nil {
			return laterDraft(ctx, r, o.ID, err)
		}
		if !removed { // edited or deleted since it was looked at
			folder, err := w.Drafts(ctx)
			if err != nil {
				return laterDraft(ctx, r, o.ID, err)
			}
			now := *o
			now.State = desk.OutDraft
			judgeDraft(r, r.Env(r.Clock()), &now, &folder)
			left = now.State == desk.OutEdited
		}
	}
	return r.Update(ctx, func(tx *store.Tx, _ desk.Env) error {
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
			if err := tx.AddNews(desk.News{ID: "left-" + o.ID, Time: r.Clock(), Kind: desk.NewsTrouble, Contact: o.Contact,
				Text: letters.SayLetter(tx, o) + " is not to be sent any more (" + o.Why + "), but you have edited its draft: it still lies in Drafts. Delete it there."}); err != nil {
				return err
			}
		}
		o.State, o.Data = desk.OutCancelled, nil
		return tx.PutOutgoing(o)
	})
}

func laterDraft(ctx context.Context, r *book.Runner, id string, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return ChangeLetter(ctx, r, id, func(tx *store.Tx, env desk.Env, o *desk.Outgoing) error {
		o.Note(env.Now, cause.Error())
		o.Tries++
		o.Next, o.Error = env.Now.Add(5*time.Minute), cause.Error()
		if o.Tries != manyDraftTries {
			return nil
		}
		return tx.AddNews(desk.News{ID: "drafts-" + o.ID, Time: env.Now, Kind: desk.NewsTrouble, Contact: o.Contact,
			Text: letters.SayLetter(tx, o) + " can't be brought into, or out of, your Drafts: " + desk.ClipText(o.Error, 200) + ". It is tried again every five minutes."})
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
func lookAtDrafts(ctx context.Context, r *book.Runner) error {
	now := r.Clock()
	if gap := now.Sub(r.DraftsLooked); gap >= 0 && gap < draftsEvery {
		return nil
	}
	w, err := watch.Account(r)
	if err != nil {
		return err
	}
	r.DraftsLooked = now // also where it fails: once a minute is enough
	folder, err := w.Drafts(ctx)
	if err != nil {
		r.Log.Warn("Drafts could not be looked at; it is tried again", "error", err)
		return nil
	}
	return r.Update(ctx, func(tx *store.Tx, env desk.Env) error {
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
			judgeDraft(r, env, o, &folder)
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
func judgeDraft(r *book.Runner, env desk.Env, o *desk.Outgoing, folder *mailbox.DraftsFolder) {
	mark := seal.LetterMark(r.Key, r.Name, o.ID)
	var exact, same, like *mailbox.Draft
	for i := range folder.Drafts {
		d := &folder.Drafts[i]
		switch {
		case d.Message.Header.Get(mailbox.LetterHeader) == mark && folder.Validity == o.Draft.Validity && uint32(d.UID) == o.Draft.UID:
			exact = d // messages don't change under their UID: it is as it was written
		case d.Message.Header.Get(mailbox.LetterHeader) == mark, d.Message.MessageID == o.MessageID:
			same = d
		case letters.LikeLetter(d.Message, o):
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
