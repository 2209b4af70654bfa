package book

import (
	"fmt"
	"slices"
	"strings"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/letter"
	"fifthcall/daemon/seal"
	"fifthcall/daemon/store"
	"fifthcall/mailbox/message"
)

// OutgoingPage is a mail to the recruiter to be issued.
type OutgoingPage struct {
	Kind, Subject string
	Page          *letter.Page
	Items         []desk.IssuedItem
	Parent        string // of an echo
	Answers       *message.Message
}

// Issue composes a mail to the recruiter, notes what its numbers mean, and queues it.
func (r *Runner) Issue(tx *store.Tx, env desk.Env, o *OutgoingPage) error {
	n, err := tx.NextOrdinal()
	if err != nil {
		return err
	}
	rs := r.Current()
	id := fmt.Sprintf("%s%d", o.Kind[:1], n)
	_, domain, _ := strings.Cut(rs.Cfg.Email, "@")
	head := letter.Head{
		ID: seal.OwnMessageID(r.Key, r.Name, id, domain), FromName: "Fifthcall", From: rs.Cfg.Email, To: []string{rs.Cfg.Email},
		Subject: o.Subject, Date: env.Now.In(env.Zone), Kind: o.Kind,
	}
	if o.Answers != nil && o.Answers.MessageID != "" {
		head.InReplyTo = o.Answers.MessageID
		head.Refs = append(slices.Clone(o.Answers.Refs), o.Answers.MessageID)
	}
	html, err := o.Page.HTML()
	if err != nil {
		return err
	}
	data, err := letter.Compose(head, o.Page.Text(), html)
	if err != nil {
		return err
	}
	if err := tx.PutIssued(&desk.Issued{ID: id, Kind: o.Kind, Time: env.Now.UTC(), Parent: o.Parent, Items: o.Items}); err != nil {
		return err
	}
	return tx.PutOutgoing(&desk.Outgoing{
		ID: id, MessageID: head.ID, Kind: o.Kind, From: head.From, To: head.To, Subject: head.Subject, Data: data,
		Deliver: rs.Cfg.Morning.Deliver, State: desk.OutQueued, Created: env.Now.UTC(),
	})
}
