//! The expression language of 2.4 (`ap_expr`): `<If>`, `Require expr`, `RewriteCond expr`, `SetEnvIfExpr`, header conditions.
