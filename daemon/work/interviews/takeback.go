package interviews

import (
	"fifthcall/daemon/desk"
	"fifthcall/daemon/store"
)

// RestoreInterview puts an interview back to what it was; nil for one that the command made.
func RestoreInterview(tx *store.Tx, env desk.Env, id string, was, left *desk.Interview) error {
	cur, err := tx.Interview(id)
	if err != nil || cur == nil {
		return err
	}
	if was == nil {
		if cur.Status == desk.InterviewCancelled {
			return nil
		}
		return CancelInterview(tx, env, cur, "you took it back")
	}
	if left == nil {
		left = cur
	}
	next := desk.CopyInterview(cur)
	next.TakeBack(was, left)
	return ChangeInterview(tx, env, cur, next)
}
