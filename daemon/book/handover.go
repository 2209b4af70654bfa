package book

import (
	"strings"
)

// Peer finds a colleague's desk by its name, address or its recruiter's name.
func (r *Runner) Peer(who string) *Runner {
	who = strings.ToLower(strings.Trim(strings.TrimSpace(who), " .,;:"))
	for _, p := range r.Peers {
		cfg := p.Current().Cfg
		first, _, _ := strings.Cut(strings.ToLower(cfg.Letters.Name), " ")
		if who == strings.ToLower(p.Name) || who == strings.ToLower(cfg.Email) || who != "" && (who == strings.ToLower(cfg.Letters.Name) || who == first) {
			return p
		}
	}
	return nil
}
