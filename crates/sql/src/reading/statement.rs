//! Which reader each kind of statement has.
//!
//! The matches name every kind that the parser knows and have no rest: one that it learns is
//! decided upon here before anything compiles, and does not pass as one that changes nothing.

use squawk_syntax::ast::{PlpgsqlStmt, Stmt};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use crate::act::Opaque;
use crate::verb::{Common, Verb};
use crate::way_out::WayOut;
use migrate_text::class::Class;
use migrate_text::kind::ObjectKind;

use super::walk::Walk;
use super::{body, change, create, drop, everybodys, made, rows};

/// Reads a statement. A table as long as the parser's list: several kinds a line, so that it can be
/// read.
#[rustfmt::skip]
pub(super) fn statement(walk: &mut Walk<'_>, node: &SyntaxNode, statement: &Stmt) {
    use Stmt as S;
    match statement {
        // Rows
        S::Insert(_) => rows::written(walk, node, Verb::InsertInto),
        S::Update(_) => rows::written(walk, node, Verb::Update),
        S::Delete(_) => rows::written(walk, node, Verb::DeleteFrom),
        S::Merge(_) => rows::written(walk, node, Verb::MergeInto),
        S::Truncate(_) => rows::truncate(walk, node),
        S::Copy(_) => rows::copy(walk, node),
        S::Refresh(_) => rows::refresh(walk, node),
        S::Lock(_) => rows::lock(walk, node),
        // What is created
        S::CreateTable(_) => create::table(walk, node),
        S::CreateForeignTable(_) => {
            walk.way_out(WayOut::ForeignServer, "", node);
            create::table(walk, node);
        }
        S::CreateTableAs(_) => create::table_of_query(walk, node),
        S::SelectInto(_) => create::table_of_select(walk, node),
        S::CreateView(_) => create::view(walk, node, ObjectKind::View),
        S::CreateMaterializedView(_) => create::view(walk, node, ObjectKind::MaterializedView),
        S::CreateSequence(_) => create::sequence(walk, node),
        S::CreateIndex(_) => create::index(walk, node),
        S::CreateType(_) => create::user_type(walk, node, SyntaxKind::TYPE_NAME, ObjectKind::Type),
        S::CreateDomain(_) => create::user_type(walk, node, SyntaxKind::DOMAIN, ObjectKind::Domain),
        S::CreateFunction(_) => body::routine(walk, node, ObjectKind::Function),
        S::CreateProcedure(_) => body::routine(walk, node, ObjectKind::Procedure),
        S::CreateAggregate(_) => body::routine(walk, node, ObjectKind::Aggregate),
        S::CreateSchema(_) => create::schema(walk, node),
        S::CreateExtension(_) => create::extension(walk, node),
        S::CreateTrigger(_) => {
            create::on_table(walk, node, SyntaxKind::TRIGGER, Verb::PutTriggerOn)
        }
        S::CreatePolicy(_) => create::on_table(walk, node, SyntaxKind::POLICY, Verb::PutPolicyOn),
        S::CreateStatistics(_) => made::statistics(walk, node),
        S::CreatePropertyGraph(_) => create::property_graph(walk, node),
        S::CreateRule(_) => create::rule(walk, node),
        S::Do(_) => body::block(walk, node),
        // What is dropped
        S::DropTable(_) | S::DropForeignTable(_) | S::DropView(_) | S::DropMaterializedView(_) |
        S::DropSequence(_) | S::DropIndex(_) => drop::objects(walk, node, Class::Relation),
        S::DropType(_) | S::DropDomain(_) => drop::objects(walk, node, Class::Type),
        S::DropSchema(_) => drop::objects(walk, node, Class::Schema),
        S::DropExtension(_) => drop::objects(walk, node, Class::Extension),
        S::DropFunction(_) | S::DropProcedure(_) | S::DropRoutine(_) | S::DropAggregate(_) => {
            drop::routines(walk, node)
        }
        S::DropTrigger(_) => {
            drop::part_of_table(walk, node, SyntaxKind::TRIGGER_REF, Verb::DropTriggerOf)
        }
        S::DropPolicy(_) => {
            drop::part_of_table(walk, node, SyntaxKind::POLICY_REF, Verb::DropPolicyOf)
        }
        S::DropRule(_) => drop::part_of_table(walk, node, SyntaxKind::RULE_REF, Verb::DropRuleOf),
        S::DropPropertyGraph(_) => drop::objects(walk, node, Class::Relation),
        S::DropCast(_) | S::DropCollation(_) | S::DropConversion(_) |
        S::DropForeignDataWrapper(_) | S::DropOperator(_) | S::DropOperatorClass(_) |
        S::DropOperatorFamily(_) | S::DropPublication(_) | S::DropServer(_) |
        S::DropStatistics(_) | S::DropTextSearchConfig(_) | S::DropTextSearchDict(_) |
        S::DropTextSearchParser(_) | S::DropTextSearchTemplate(_) | S::DropTransform(_) => {
            made::dropped(walk, node);
        }
        S::DropOwned(_) | S::Reassign(_) => everybodys::owned_by_role(walk, node),
        // What is changed
        S::AlterTable(_) | S::AlterForeignTable(_) => change::table(walk, node),
        S::AlterView(_) | S::AlterMaterializedView(_) | S::AlterSequence(_) | S::AlterIndex(_) |
        S::AlterPropertyGraph(_) => change::relation(walk, node),
        S::AlterCollation(_) | S::AlterConversion(_) | S::AlterOperator(_) |
        S::AlterOperatorClass(_) | S::AlterOperatorFamily(_) | S::AlterStatistics(_) |
        S::AlterTextSearchConfiguration(_) | S::AlterTextSearchDictionary(_) |
        S::AlterTextSearchParser(_) | S::AlterTextSearchTemplate(_) => made::altered(walk, node),
        S::AlterType(_) | S::AlterDomain(_) => change::named(walk, node, Class::Type),
        S::AlterSchema(_) => change::named(walk, node, Class::Schema),
        S::AlterExtension(_) => change::extension(walk, node),
        S::AlterFunction(_) | S::AlterProcedure(_) | S::AlterRoutine(_) | S::AlterAggregate(_) => {
            change::routine(walk, node)
        }
        S::AlterTrigger(_) => change::on_table(walk, node, Verb::AlterTriggerOf),
        S::AlterPolicy(_) => change::on_table(walk, node, Verb::AlterPolicyOf),
        S::AlterRule(_) => change::on_table(walk, node, Verb::AlterRuleOf),
        S::CommentOn(_) => change::each(walk, node, Verb::CommentOn),
        S::SecurityLabel(_) => change::each(walk, node, Verb::Label),
        S::Grant(_) => change::grant(walk, node, Verb::GrantOn),
        S::Revoke(_) => change::grant(walk, node, Verb::RevokeOn),
        S::AlterDefaultPrivileges(_) => change::default_privileges(walk, node),
        S::Reindex(_) => change::each(walk, node, Verb::Reindex),
        S::Cluster(_) => change::each(walk, node, Verb::Cluster),
        S::CreatePublication(_) | S::AlterPublication(_) => made::publication(walk, node),
        // What all depend on, and what names mean
        S::AlterSystem(_) => everybodys::system(walk, node),
        S::CreateDatabase(_) | S::AlterDatabase(_) | S::DropDatabase(_) => {
            everybodys::database(walk, node);
        }
        S::CreateEventTrigger(_) | S::AlterEventTrigger(_) | S::DropEventTrigger(_) => {
            everybodys::each(walk, node, Common::EventTrigger);
            walk.children(node);
        }
        S::CreateRole(_) | S::CreateUser(_) | S::CreateGroup(_) | S::AlterRole(_) |
        S::AlterUser(_) | S::AlterGroup(_) | S::DropRole(_) | S::DropUser(_) |
        S::DropGroup(_) => everybodys::role(walk, node),
        S::CreateTablespace(_) | S::AlterTablespace(_) | S::DropTablespace(_) => {
            everybodys::each(walk, node, Common::Tablespace);
        }
        S::CreateSubscription(_) | S::AlterSubscription(_) | S::DropSubscription(_) => {
            everybodys::each(walk, node, Common::Subscription);
        }
        S::CreateLanguage(_) | S::AlterLanguage(_) | S::DropLanguage(_) => {
            everybodys::language(walk, node);
        }
        S::CreateAccessMethod(_) | S::DropAccessMethod(_) => {
            everybodys::each(walk, node, Common::AccessMethod);
        }
        S::AlterLargeObject(_) => everybodys::each(walk, node, Common::LargeObject),
        // What is made besides tables
        S::CreateCast(_) => made::create_between(walk, node, ObjectKind::Cast),
        S::CreateTransform(_) => made::create_between(walk, node, ObjectKind::Transform),
        S::CreateCollation(_) => made::create(walk, node, Class::Collation, ObjectKind::Collation),
        S::CreateConversion(_) => {
            made::create(walk, node, Class::Conversion, ObjectKind::Conversion);
        }
        S::CreateOperator(_) => made::create(walk, node, Class::Operator, ObjectKind::Operator),
        S::CreateOperatorClass(_) => {
            made::create(walk, node, Class::OperatorClass, ObjectKind::OperatorClass);
        }
        S::CreateOperatorFamily(_) => {
            made::create(walk, node, Class::OperatorFamily, ObjectKind::OperatorFamily);
        }
        S::CreateTextSearchConfiguration(_) => {
            let kind = ObjectKind::TextSearchConfiguration;
            made::create(walk, node, Class::TextSearchConfiguration, kind);
        }
        S::CreateTextSearchDictionary(_) => {
            let kind = ObjectKind::TextSearchDictionary;
            made::create(walk, node, Class::TextSearchDictionary, kind);
        }
        S::CreateTextSearchParser(_) => {
            made::create(walk, node, Class::TextSearchParser, ObjectKind::TextSearchParser);
        }
        S::CreateTextSearchTemplate(_) => {
            made::create(walk, node, Class::TextSearchTemplate, ObjectKind::TextSearchTemplate);
        }
        // Ways out of the session
        S::CreateServer(_) | S::AlterServer(_) | S::CreateForeignDataWrapper(_) |
        S::AlterForeignDataWrapper(_) | S::CreateUserMapping(_) | S::AlterUserMapping(_) => {
            everybodys::server(walk, node);
        }
        S::DropUserMapping(_) => everybodys::mapping(walk, node),
        S::ImportForeignSchema(_) => {
            walk.way_out(WayOut::ForeignServer, "", node);
            walk.opaque(Opaque::Sweeping, node);
        }
        S::Load(_) => walk.way_out(WayOut::Library, "", node),
        S::Set(_) | S::Reset(_) => change::session(walk, node),
        S::SetRole(_) | S::SetSessionAuth(_) => change::role(walk, node),
        S::SavepointCreate(_) => walk.savepoint(),
        // They write nothing but statistics.
        S::Vacuum(_) | S::Analyze(_) => {}
        // Queries, and statements around others: what stands inside counts
        S::Call(_) | S::CompoundSelect(_) | S::Declare(_) | S::Execute(_) | S::Explain(_) |
        S::ParenSelect(_) | S::Prepare(_) | S::Select(_) | S::Table(_) |
        S::Values(_) => walk.children(node),
        // Of the session or the server alone
        S::Begin(_) | S::Checkpoint(_) | S::Close(_) | S::Deallocate(_) | S::Discard(_) |
        S::EmptyStmt(_) | S::Fetch(_) | S::Listen(_) | S::Move(_) | S::Notify(_) |
        S::PrepareTransaction(_) | S::ReleaseSavepoint(_) | S::Repack(_) | S::ResetRole(_) |
        S::ResetSessionAuth(_) | S::SetConstraints(_) | S::SetTransaction(_) | S::Show(_) |
        S::Unlisten(_) | S::Commit(_) | S::Rollback(_) => walk.children(node),
    }
}

/// Reads a statement of PL/pgSQL. Those that hold others, or queries, are looked through.
#[rustfmt::skip]
pub(super) fn plpgsql(walk: &mut Walk<'_>, node: &SyntaxNode, statement: &PlpgsqlStmt) {
    use PlpgsqlStmt as P;
    match statement {
        P::PlpgsqlDynExecuteStmt(_) | P::PlpgsqlForDynStmt(_) |
        P::PlpgsqlReturnQueryExecuteStmt(_) => body::dynamic(walk, node),
        P::PlpgsqlAssertStmt(_) | P::PlpgsqlAssignStmt(_) | P::PlpgsqlBlock(_) |
        P::PlpgsqlCallStmt(_) | P::PlpgsqlCaseStmt(_) | P::PlpgsqlCloseStmt(_) |
        P::PlpgsqlCommitStmt(_) | P::PlpgsqlContinueStmt(_) | P::PlpgsqlDoStmt(_) |
        P::PlpgsqlExecSqlStmt(_) | P::PlpgsqlExitStmt(_) | P::PlpgsqlFetchStmt(_) |
        P::PlpgsqlForCursorStmt(_) | P::PlpgsqlForEachStmt(_) | P::PlpgsqlForIStmt(_) |
        P::PlpgsqlForQueryStmt(_) | P::PlpgsqlGetDiagStmt(_) | P::PlpgsqlIfStmt(_) |
        P::PlpgsqlLoopStmt(_) | P::PlpgsqlMoveStmt(_) | P::PlpgsqlNullStmt(_) |
        P::PlpgsqlOpenStmt(_) | P::PlpgsqlPerformStmt(_) | P::PlpgsqlRaiseStmt(_) |
        P::PlpgsqlReturnNextStmt(_) | P::PlpgsqlReturnQueryStmt(_) | P::PlpgsqlReturnStmt(_) |
        P::PlpgsqlRollbackStmt(_) | P::PlpgsqlWhileStmt(_) => walk.children(node),
    }
}
