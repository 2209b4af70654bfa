package morning

import (
	"fmt"
	"time"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// settleSuspicions tells of the mails that claimed to command, once the folder of sent mail has
// been read since.
func settleSuspicions(tx *store.Tx, env desk.Env, sentRead time.Time) error {
	found := map[string]*desk.Suspicion{}
	err := store.Suspicions.Each(tx, "", func(identity string, s *desk.Suspicion) error { found[identity] = s; return nil })
	if err != nil {
		return err
	}
	for _, identity := range desk.SortedKeys(found) {
		s := found[identity]
		obeyed, err := tx.Obeyed(identity)
		if err != nil {
			return err
		}
		if !obeyed && !sentRead.After(s.Seen) {
			continue
		}
		if err := store.Suspicions.Drop(tx, identity); err != nil {
			return err
		}
		if obeyed {
			continue
		}
		err = tx.AddNews(desk.News{
			ID: store.Suspicions.Name(identity), Time: s.Seen, Kind: desk.NewsTrouble,
			Text: fmt.Sprintf("A mail from %s, “%s”, looked like an answer to Fifthcall and was not obeyed: %s. If you wrote it, send it again from your own program.", s.From, desk.Shorten(s.Subject, 80), s.Why),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
