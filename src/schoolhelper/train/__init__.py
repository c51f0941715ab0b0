"""Examples become an adapter, and an adapter a stand-alone model."""
