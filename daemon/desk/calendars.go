package desk

// The collections that calendars write back to.
const (
	CollCallbacks = "callbacks"
	CollSales     = "sales-days"
)

// CollectionNames are the calendars that can be written to.
var CollectionNames = []string{CollCallbacks, CollSales}

// ProdID names Fifthcall in calendars.
const ProdID = "-//Fifthcall//Callbacks//EN"
