package orders

import (
	"cmp"
	"fmt"

	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/work/agency"
	"fifthcall/mailbox/message"
)

// othersClient applies the rule for clients that belong to another desk to an order that was just opened: both are told, or the order goes there.
func othersClient(a *book.Tx, c *desk.Contact, o *desk.JobOrder) (said string, err error) {
	if a.R == nil || len(a.R.Peers) == 0 {
		return "", nil
	}
	who := &desk.Contact{Company: o.Company}
	keys := desk.Keys(who, message.FreeMail)
	if c != nil {
		who = c
		keys = append(keys, desk.Keys(c, message.FreeMail)...)
	}
	owner, err := agency.OwnerElsewhere(a.R, keys, a.Env.Now)
	if owner == nil || err != nil {
		return "", err
	}
	client := cmp.Or(o.Company, who.DisplayName())
	if a.R.Current().Cfg.Agency.Clients == config.ClientsHandOver && c != nil {
		said, err := agency.HandOver(a, c, o, owner.Name+", "+client+" is your client")
		return "; " + client + " is " + owner.Name + "'s client: " + said, err
	}
	err = agency.TellDesk(a, owner, fmt.Sprintf("Your colleague %s took an order from %s, who are your client: %s.", a.R.Name, client, o.Describe()))
	return "; mind: " + client + " is " + owner.Name + "'s client, who is told", err
}
