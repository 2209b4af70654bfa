package command

import (
	"strings"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/work/people"
	"fifthcall/mailbox/message"
)

// leftPlaced reads a bare “left” of somebody who was placed as leaving the job: of others it is asked back, since it may be a message.
func (o *reply) leftPlaced(cmd words.Command) (words.Command, bool, error) {
	m := words.BareLeftRE.FindStringSubmatch(cmd.Note)
	if cmd.Verb != words.VerbUnknown || m == nil || cmd.Ref == "" {
		return cmd, false, nil
	}
	refs, problem := o.refs(cmd)
	if problem != "" || len(refs) != 1 {
		return cmd, false, nil
	}
	c, err := o.known(refs[0])
	if c == nil || err != nil {
		return cmd, false, err
	}
	all, err := book.Placements(o.in.Tx)
	for i := range all {
		if c.Is(all[i].Candidate) && all[i].Left.IsZero() {
			cmd.Verb, cmd.Note, cmd.Error = words.VerbLeftCompany, strings.TrimSpace(m[1]), ""
			return cmd, true, err
		}
	}
	return cmd, false, err
}

// known is whom a reference means, nil if nobody is; it makes no contact.
func (o *reply) known(to desk.Target) (*desk.Contact, error) {
	if to.Contact != "" {
		return o.in.Tx.Contact(to.Contact)
	}
	if addr := message.Canonical(to.Name); addr != "" {
		return o.in.Tx.ContactByEmail(addr)
	}
	a := o.in.R.Open(o.in.Tx, o.in.Env)
	c, err := people.ByName(a, to.Name)
	if desk.IsUserError(err) {
		err = nil
	}
	return c, err
}
