package agency

import (
	"slices"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
	"fifthcall/mailbox/message"
)

// SharedFigures are those that a lead sees of each desk.
var SharedFigures = []struct{ Name, Label string }{
	{"conversations", "Conversations"}, {"new_decision_makers", "New DMs"}, {"leads_named", "Leads"}, {"orders_opened", "Orders"}, {"submittals", "Submittals"}, {"send_outs", "Send-outs"}, {"placements", "Placements"},
}

// eachClaim brings the desk's claims up to date, and gives them to fn.
func eachClaim(r *book.Runner, now time.Time, fn func(byKey map[string]desk.Claim)) error {
	r.Shared.Mu.Lock()
	defer r.Shared.Mu.Unlock()
	version, err := r.CollectionVersion(now)
	if err != nil {
		return err
	}
	if r.Shared.Claimed != version {
		if err := r.State.View(func(tx *store.Tx) error { return gatherClaims(r, tx) }); err != nil {
			return err
		}
		r.Shared.Claimed = version
	}
	fn(r.Shared.Claims)
	return nil
}

func gatherClaims(r *book.Runner, tx *store.Tx) error {
	all, err := tx.Contacts()
	if err != nil {
		return err
	}
	orders, err := tx.Orders()
	if err != nil {
		return err
	}
	givers := map[string]bool{}
	for i := range orders {
		if orders[i].Status == desk.OrderOpen {
			givers[orders[i].Contact] = true
		}
	}
	byKey := map[string]desk.Claim{}
	for _, c := range all {
		if !c.IsTarget() {
			continue
		}
		ts, err := tx.Touches(c)
		if err != nil {
			return err
		}
		spoke := desk.LastConversation(slices.DeleteFunc(ts, func(t desk.Touch) bool { return t.Elsewhere() }))
		order := givers[c.ID] || slices.ContainsFunc(c.Merged, func(id string) bool { return givers[id] })
		for _, key := range desk.Keys(c, message.FreeMail) {
			claim := byKey[key]
			claim.Desk, claim.Order = r.Name, claim.Order || order
			if spoke.After(claim.Spoke) {
				claim.Spoke = spoke
			}
			byKey[key] = claim
		}
	}
	r.Shared.Claims = byKey
	return nil
}

// OwnerElsewhere is the other desk to which a company belongs that is known by some keys, nil if it is this one's or nobody's, or clients are free.
func OwnerElsewhere(r *book.Runner, keys []string, now time.Time) (*book.Runner, error) {
	cfg := r.Current().Cfg.Agency
	if len(keys) == 0 || cfg.Clients == config.ClientsFree || len(r.Peers) == 0 {
		return nil, nil
	}
	var claims []desk.Claim
	for _, d := range append([]*book.Runner{r}, r.Peers...) {
		err := eachClaim(d, now, func(byKey map[string]desk.Claim) {
			for _, key := range keys {
				if c, ok := byKey[key]; ok {
					claims = append(claims, c)
				}
			}
		})
		if err != nil {
			return nil, err
		}
	}
	if owner := desk.OwnerOf(now, cfg.OwnerDays.Days(), claims); owner != "" && owner != r.Name {
		return r.Peer(owner), nil
	}
	return nil, nil
}

// MostRed bounds the names of red companies in one mail.
const MostRed = 40
